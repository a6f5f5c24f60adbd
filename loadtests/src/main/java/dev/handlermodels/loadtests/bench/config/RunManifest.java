package dev.handlermodels.loadtests.bench.config;

import java.util.List;

/**
 * What a run set out to do: run.json, written before the first row.
 *
 * @param startedAt ISO 8601, UTC
 * @param rows ids in the order of the table
 * @param repeats how often each row is run; null in a run from before there were repeats
 * @param notes sentences for the report
 */
public record RunManifest(
    String startedAt,
    Machine machine,
    Settings settings,
    List<String> rows,
    Integer repeats,
    List<String> notes) {

  /** Null in a run from before there were notes. */
  public RunManifest {
    notes = notes == null ? List.of() : notes;
  }

  /** Each row once. */
  public RunManifest(String startedAt, Machine machine, Settings settings, List<String> rows) {
    this(startedAt, machine, settings, rows, 1, List.of());
  }

  public int timesEach() {
    return repeats == null ? 1 : repeats;
  }
}
