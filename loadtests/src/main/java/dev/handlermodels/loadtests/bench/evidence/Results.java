package dev.handlermodels.loadtests.bench.evidence;

import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.servers.HandlerModel;
import dev.handlermodels.loadtests.bench.servers.Row;
import dev.handlermodels.loadtests.bench.servers.RowRole;
import dev.handlermodels.loadtests.bench.servers.ServerDescription;
import dev.handlermodels.loadtests.bench.servers.Servers;
import java.util.List;

/**
 * results.json.
 *
 * @param rows every run of every row
 * @param summary one for each row
 * @param ledger the settings of the servers, side by side
 * @param notRun ids of rows that were asked for and never begun
 * @param servers the descriptions of the servers of this run; null in a run from before there were
 *     descriptions
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
    List<String> notes,
    List<ServerDescription> servers) {
  public static final int SCHEMA = 1;

  /** Null in a run from before there were descriptions. */
  public Results {
    servers = servers == null ? List.of() : servers;
  }

  /** What a row is, from this run's descriptions or the bench's own. */
  public Row row(String id) {
    return Servers.row(id, servers);
  }

  /** How the server of a row runs its handlers. */
  public HandlerModel model(RowResult row) {
    return Servers.get(row.server(), servers).handlerModel();
  }

  /** The measured rows that show one thing, in the order of the table. */
  public List<RowResult> shown(RowRole role) {
    return shown().stream().filter(row -> row(row.id()).role() == role).toList();
  }

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
