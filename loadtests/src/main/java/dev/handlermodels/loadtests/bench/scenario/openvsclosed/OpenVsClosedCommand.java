package dev.handlermodels.loadtests.bench.scenario.openvsclosed;

import dev.handlermodels.loadtests.bench.Scenario;
import dev.handlermodels.loadtests.bench.config.Layout;
import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.config.RunManifest;
import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.process.BenchRun;
import dev.handlermodels.loadtests.bench.process.LoopbackClient;
import dev.handlermodels.loadtests.bench.process.Progress;
import dev.handlermodels.loadtests.bench.row.Row;
import dev.handlermodels.loadtests.bench.scenario.ScenarioOptions;
import dev.handlermodels.loadtests.load.Json;
import dev.handlermodels.loadtests.load.Limits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./bench compare}. */
@Command(
    name = "compare",
    description = "Closed and open load side by side, for the three right ways and the mistake.")
public final class OpenVsClosedCommand implements Callable<Integer> {
  private static final List<Row> ROWS =
      List.of(Row.BLOCKING_IO, Row.VERTX_IO, Row.VERTX_IO_BLOCKING, Row.NIMA_IO);
  private static final int USERS = 500;
  private static final int WAIT_MS = 1000;
  private static final int TIMEOUT_MS = 30_000;

  /** Four fifths of what the closed users can ask for, and ten times the pool's ceiling. */
  private static final int RATE = 400;

  @Mixin private ScenarioOptions options;

  @Option(
      names = "--open",
      paramLabel = "RATE",
      description = "Arrivals a second of the open load, 1 to 2000; default 400.")
  private int rate = RATE;

  @Override
  public Integer call() throws IOException, InterruptedException {
    options.check("--open", rate, new Limits(1, 2000));
    return new BenchRun(options.layout()).run(Scenario.COMPARE, this::measure);
  }

  private Settings closed() {
    boolean quick = options.quick;
    return new Settings(
        USERS,
        WAIT_MS,
        quick ? 2 : 5,
        quick ? 3 : 15,
        quick ? 6 : 30,
        TIMEOUT_MS,
        1,
        40,
        40,
        options.port,
        options.managementPort,
        options.upstreamPort);
  }

  private int measure(BenchRun session, LoopbackClient loopback)
      throws IOException, InterruptedException {
    Path out = session.layout.out();
    Settings closed = closed();
    Settings open = closed.open(rate);
    begin(session.layout, OpenVsClosedAnalysis.closed(out), closed);
    begin(session.layout, OpenVsClosedAnalysis.open(out), open);
    Progress progress = options.progress(2 * ROWS.size());
    for (Row row : ROWS) {
      if (!session.stop.isAsked()) {
        progress.row(row.title());
        session.rowRunner(OpenVsClosedAnalysis.closed(out), closed, progress, loopback).run(row, 1);
      }
      if (!session.stop.isAsked()) {
        progress.row(row.title());
        session.rowRunner(OpenVsClosedAnalysis.open(out), open, progress, loopback).run(row, 1);
      }
    }
    progress.say("");
    return session.print(OpenVsClosedAnalysis.report(out), OpenVsClosedAnalysis.complete(out));
  }

  private static void begin(Layout layout, Path out, Settings settings) throws IOException {
    Files.createDirectories(out);
    Json.write(
        Layout.run(out),
        new RunManifest(
            Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
            Machine.here(layout),
            settings,
            ROWS.stream().map(Row::id).toList()));
  }
}
