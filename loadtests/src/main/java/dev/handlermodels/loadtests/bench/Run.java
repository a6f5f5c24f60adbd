package dev.handlermodels.loadtests.bench;

import java.util.List;

/**
 * What a run set out to do: run.json, written before the first row.
 *
 * @param startedAt ISO 8601, UTC
 * @param rows ids in the order of the table
 * @param notes sentences for the report
 */
record Run(
    String startedAt, Machine machine, Settings settings, List<String> rows, List<String> notes) {
  Run(String startedAt, Machine machine, Settings settings, List<String> rows) {
    this(startedAt, machine, settings, rows, List.of());
  }
}
