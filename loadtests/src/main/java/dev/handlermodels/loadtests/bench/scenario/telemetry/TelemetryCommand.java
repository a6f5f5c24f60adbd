package dev.handlermodels.loadtests.bench.scenario.telemetry;

import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.process.BenchRun;
import dev.handlermodels.loadtests.bench.process.Progress;
import dev.handlermodels.loadtests.bench.report.ReportPage;
import dev.handlermodels.loadtests.bench.scenario.ClosedLoad;
import dev.handlermodels.loadtests.bench.scenario.ScenarioCommand;
import dev.handlermodels.loadtests.bench.scenario.telemetry.TelemetryAnalysis.Round;
import dev.handlermodels.loadtests.bench.servers.Servers;
import dev.handlermodels.loadtests.load.Json;
import dev.handlermodels.loadtests.load.SpanSink;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;

/** {@code ./bench telemetry}. */
@Command(
    name = "telemetry",
    description = "GET / with and without traces: requests/s, p99, the cost of a span, lost spans.")
public final class TelemetryCommand extends ScenarioCommand {
  private boolean complete = true;

  private int rounds() {
    return options.quickOr(2, 5);
  }

  private int warmupMs() {
    return options.quickOr(5_000, 15_000);
  }

  private int windowMs() {
    return options.quickOr(3_000, 8_000);
  }

  @Override
  protected int plannedRows() {
    return Servers.ALL.size();
  }

  @Override
  protected void measure(BenchRun run, Progress progress) throws IOException, InterruptedException {
    Machine machine = Machine.here(run.layout);
    // Only what a server is started with matters here: there is no upstream and no Gatling.
    Settings settings = options.settings(ClosedLoad.CONNECTIONS, 0);
    TelemetryRun variants =
        new TelemetryRun(run, settings, progress, rounds(), warmupMs(), windowMs());
    List<Round> rounds = new ArrayList<>();
    for (String server : Servers.ALL) {
      complete &=
          attempt(
              run,
              progress,
              server + " / with and without traces",
              () -> rounds.addAll(variants.run(server)));
    }
    Json.write(
        TelemetryAnalysis.rounds(run.layout.out()),
        new TelemetryAnalysis.Rounds(machine, setting(machine), rounds));
  }

  @Override
  public ReportPage report(Path out) throws IOException {
    return TelemetryAnalysis.report(out);
  }

  @Override
  protected boolean complete(Path out) {
    return complete;
  }

  private String setting(Machine machine) {
    return String.format(
        Locale.ROOT,
        ("%d closed connections without think time from the second load generator (one thread);"
            + " of each server a process for each way of tracing, loaded in turn: %d ms of warm-up"
            + " each, then %d rounds of %d ms each; medians. Spans go over OTLP to a collector on"
            + " loopback that forgets them (slow: after %d ms). By default as many traces begin as"
            + " TRACES_PER_SECOND says. %s"),
        ClosedLoad.CONNECTIONS,
        warmupMs(),
        rounds(),
        windowMs(),
        SpanSink.SLOW_MS,
        machine.sentenceWithoutMemory());
  }
}
