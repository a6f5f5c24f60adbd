package dev.handlermodels.loadtests.bench;

import java.util.List;

/**
 * What a run set out to do: run.json, written before the first row.
 *
 * @param startedAt ISO 8601, UTC
 * @param repeats how often each row is run; null in a run from before there were repeats
 * @param rows ids in the order of the table
 */
record Run(
    String startedAt, Machine machine, Settings settings, List<String> rows, Integer repeats) {

  int timesEach() {
    return repeats == null ? 1 : repeats;
  }
}
