package dev.handlermodels.loadtests.bench;

import java.util.List;

/**
 * results.json.
 *
 * @param rows every run of every row
 * @param summary one for each row
 * @param ledger the settings of the servers, side by side
 * @param notRun ids of rows that were asked for and never begun
 * @param notes what a reader has to know beside the rows
 */
record Results(
    int schema,
    String startedAt,
    Machine machine,
    Settings settings,
    List<RowResult> rows,
    List<RowSummary> summary,
    Ledger ledger,
    List<String> notRun,
    List<String> notes) {
  static final int SCHEMA = 1;

  /** The run that stands for a row. */
  RowResult shown(RowSummary of) {
    return rows.stream()
        .filter(row -> row.id().equals(of.id()) && row.repeat() == of.medianRepeat())
        .findFirst()
        .orElseThrow();
  }

  /** For each row the run that stands for it. */
  List<RowResult> shown() {
    return summary.stream().map(this::shown).toList();
  }
}
