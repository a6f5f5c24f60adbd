package dev.handlermodels.loadtests.bench.scenario.openvsclosed;

import dev.handlermodels.loadtests.bench.config.RunManifest;
import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.process.BenchRun;
import dev.handlermodels.loadtests.bench.process.Progress;
import dev.handlermodels.loadtests.bench.report.ReportPage;
import dev.handlermodels.loadtests.bench.row.RowRunner;
import dev.handlermodels.loadtests.bench.scenario.ScenarioCommand;
import dev.handlermodels.loadtests.bench.servers.Row;
import dev.handlermodels.loadtests.bench.servers.Servers;
import dev.handlermodels.loadtests.load.Limits;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./bench open-vs-closed}. */
@Command(
    name = "open-vs-closed",
    description =
        "Closed and open load side by side, for the three right ways and the blocked" + " loop.")
public final class OpenVsClosedCommand extends ScenarioCommand {
  private static final List<Row> ROWS =
      List.of(
          Servers.row(Servers.THREAD_POOL, "/io"),
          Servers.row(Servers.EVENT_LOOP, "/io"),
          Servers.row(Servers.EVENT_LOOP, "/io/blocking"),
          Servers.row(Servers.VIRTUAL_THREADS, "/io"));
  private static final int USERS = 500;
  private static final int WAIT_MS = 1000;

  /** Four fifths of what the closed users can ask for, and ten times the pool's ceiling. */
  private static final int RATE = 400;

  @Option(
      names = "--open",
      paramLabel = "RATE",
      description = "Arrivals a second of the open load, 1 to 2000; default 400.")
  private int rate = RATE;

  @Override
  protected void check() {
    options.check("--open", rate, new Limits(1, 2000));
  }

  private Settings closed() {
    return options.settings(
        USERS, WAIT_MS, options.quickOr(2, 5), options.quickOr(3, 15), options.quickOr(6, 30));
  }

  @Override
  protected int plannedRows() {
    return 2 * ROWS.size();
  }

  @Override
  protected void measure(BenchRun run, Progress progress) throws IOException, InterruptedException {
    Path out = run.layout.out();
    Settings closed = closed();
    Settings open = closed.open(rate);
    List<String> ids = ROWS.stream().map(Row::id).toList();
    RunManifest.begin(OpenVsClosedAnalysis.closed(out), run.layout, closed, ids);
    RunManifest.begin(OpenVsClosedAnalysis.open(out), run.layout, open, ids);
    for (Row row : ROWS) {
      load(run, progress, row, closed, OpenVsClosedAnalysis.closed(out));
      load(run, progress, row, open, OpenVsClosedAnalysis.open(out));
    }
  }

  @Override
  public ReportPage report(Path out) throws IOException {
    return OpenVsClosedAnalysis.report(out);
  }

  @Override
  protected boolean complete(Path out) throws IOException {
    return OpenVsClosedAnalysis.complete(out);
  }

  private static void load(BenchRun run, Progress progress, Row row, Settings settings, Path dir)
      throws IOException, InterruptedException {
    if (!run.stop.isAsked()) {
      progress.row(row.title());
      RowRunner.of(run, dir, settings, progress).run(row, 1);
    }
  }
}
