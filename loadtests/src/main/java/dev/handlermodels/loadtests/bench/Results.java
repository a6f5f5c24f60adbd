package dev.handlermodels.loadtests.bench;

import java.util.List;

/**
 * results.json.
 *
 * @param notes what a reader has to know beside the rows
 * @param notRun ids of rows that were asked for and never begun
 */
record Results(
    int schema,
    String startedAt,
    Machine machine,
    Settings settings,
    List<RowResult> rows,
    List<String> notRun,
    List<String> notes) {
  static final int SCHEMA = 1;
}
