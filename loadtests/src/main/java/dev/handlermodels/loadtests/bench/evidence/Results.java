package dev.handlermodels.loadtests.bench.evidence;

import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.config.Settings;
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
public record Results(
    int schema,
    String startedAt,
    Machine machine,
    Settings settings,
    List<RowResult> rows,
    List<RowSummary> summary,
    SettingsComparison ledger,
    List<String> notRun,
    List<String> notes) {
  public static final int SCHEMA = 1;

  /** The run that stands for a row. */
  public RowResult shown(RowSummary of) {
    return rows.stream()
        .filter(row -> row.id().equals(of.id()) && row.repeat() == of.medianRepeat())
        .findFirst()
        .orElseThrow();
  }

  /** For each row the run that stands for it. */
  public List<RowResult> shown() {
    return summary.stream().map(this::shown).toList();
  }
}
