package dev.handlermodels.loadtests.bench.scenario.db;

import dev.handlermodels.loadtests.bench.config.Layout;
import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.options.PeersOption;
import dev.handlermodels.loadtests.bench.process.BenchRun;
import dev.handlermodels.loadtests.bench.process.Progress;
import dev.handlermodels.loadtests.bench.profile.ProfileProbe;
import dev.handlermodels.loadtests.bench.report.ReportPage;
import dev.handlermodels.loadtests.bench.scenario.ScenarioCommand;
import dev.handlermodels.loadtests.bench.scenario.db.DbAnalysis.BareLoop;
import dev.handlermodels.loadtests.bench.scenario.db.DbAnalysis.Measured;
import dev.handlermodels.loadtests.bench.servers.Servers;
import dev.handlermodels.loadtests.load.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./bench db}. */
@Command(
    name = "db",
    description = "Waiting for a pooled database connection: what limits, and what it costs.")
public final class DbCommand extends ScenarioCommand {
  /** Of the bare loop. */
  private static final List<String> DRIVERS = List.of("jdbc", "r2dbc");

  private static final List<Integer> HOLDS_MS = List.of(0, DbRow.HOLD_MS);

  @Mixin private PeersOption peers;

  private List<DbRow> rows() {
    return DbRow.all(options.quick(), peers.names());
  }

  @Option(
      names = "--profile",
      description =
          "Profiles the server of each row for a minute, under the same load once more: a flame"
              + " graph, hottest methods, pinned threads.")
  private boolean profile;

  @Override
  protected void check() {
    peers.checkBuilt(options);
    options.checkBuilt(Layout.DATABASE_JAR);
    options.checkBuilt(Layout.testClasses(Servers.EVENT_LOOP));
  }

  @Override
  protected int plannedRows() {
    return rows().size() + DRIVERS.size() * HOLDS_MS.size();
  }

  @Override
  protected void measure(BenchRun run, Progress progress) throws IOException, InterruptedException {
    Path out = run.layout.out();
    Machine machine = Machine.here(run.layout);
    Settings settings = options.settings(DbRow.USERS, 0);
    ProfileProbe probe =
        profile
            ? new ProfileProbe(
                run.http, run.stop, settings.managementUrl() + "/threads", options.quick())
            : null;
    DbRun db = new DbRun(run, settings, progress, options.quick(), probe);
    List<Measured> rows = new ArrayList<>();
    List<BareLoop> loops = new ArrayList<>();
    for (String driver : DRIVERS) {
      for (int holdMs : HOLDS_MS) {
        String label = "bare loop, " + driver + ", hold " + holdMs + " ms";
        attempt(run, progress, label, () -> loops.add(db.bareLoop(driver, holdMs)));
      }
    }
    for (DbRow row : rows()) {
      attempt(run, progress, row.label(), () -> rows.add(db.run(row)));
      Json.write(
          DbAnalysis.raw(out),
          new DbAnalysis.Raw(
              machine, setting(machine, db), plannedRows(), List.copyOf(loops), List.copyOf(rows)));
    }
  }

  @Override
  public ReportPage report(Path out) throws IOException {
    return DbAnalysis.report(out);
  }

  @Override
  protected boolean complete(Path out) throws IOException {
    return DbAnalysis.complete(out);
  }

  private static String setting(Machine machine, DbRun db) {
    return String.format(
        Locale.ROOT,
        "A fresh server and a fresh PostgreSQL for each row, %d ms of warm-up, a window of %d ms;"
            + " %d users who never pause, or %d arrivals a second; 40 pool threads and 40 workers."
            + " %s",
        db.warmupMs(),
        db.windowMs(),
        DbRow.USERS,
        DbRow.ARRIVALS,
        machine.sentence());
  }
}
