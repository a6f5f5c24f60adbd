package dev.handlermodels.loadtests.bench.scenario.telemetry;

import dev.handlermodels.loadtests.bench.Scenario;
import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.process.BenchRun;
import dev.handlermodels.loadtests.bench.process.LoopbackClient;
import dev.handlermodels.loadtests.bench.process.MeasurementException;
import dev.handlermodels.loadtests.bench.process.Progress;
import dev.handlermodels.loadtests.bench.scenario.ScenarioOptions;
import dev.handlermodels.loadtests.bench.scenario.telemetry.TelemetryAnalysis.Round;
import dev.handlermodels.loadtests.bench.scenario.throughput.ThroughputRun;
import dev.handlermodels.loadtests.load.Json;
import dev.handlermodels.loadtests.load.SpanSink;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code ./bench telemetry}. */
@Command(
    name = "telemetry",
    description = "GET / with and without traces: requests/s, p99, the cost of a span, lost spans.")
public final class TelemetryCommand implements Callable<Integer> {
  private static final List<String> SERVERS = List.of("vertx", "nima", "blocking");

  @Mixin private ScenarioOptions options;

  @Override
  public Integer call() throws IOException, InterruptedException {
    return new BenchRun(options.layout()).run(Scenario.TELEMETRY, this::measure);
  }

  private int rounds() {
    return options.quick ? 2 : 5;
  }

  private int warmupMs() {
    return options.quick ? 5_000 : 15_000;
  }

  private int windowMs() {
    return options.quick ? 3_000 : 8_000;
  }

  /** Only what a server is started with matters here: there is no upstream and no Gatling. */
  private Settings settings() {
    return new Settings(
        ThroughputRun.CONNECTIONS,
        0,
        0,
        0,
        0,
        0,
        1,
        40,
        40,
        options.port,
        options.managementPort,
        options.upstreamPort);
  }

  private int measure(BenchRun session, LoopbackClient loopback)
      throws IOException, InterruptedException {
    Progress progress = options.progress(SERVERS.size());
    Machine machine = Machine.here(session.layout);
    List<Round> rounds = new ArrayList<>();
    boolean complete = true;
    try {
      for (String server : SERVERS) {
        progress.row(server + " / with and without traces");
        rounds.addAll(
            new TelemetryRun(
                    session, loopback, settings(), progress, rounds(), warmupMs(), windowMs())
                .run(server));
      }
    } catch (MeasurementException e) {
      progress.say(e.getMessage());
      e.lastLogLines().forEach(progress::say);
      complete = false;
    }
    Path out = session.layout.out();
    Json.write(
        TelemetryAnalysis.rounds(out),
        new TelemetryAnalysis.Rounds(machine, setting(machine), rounds));
    progress.say("");
    return session.print(TelemetryAnalysis.report(out), complete);
  }

  private String setting(Machine machine) {
    return ("%d closed connections without think time from the second load generator (one thread);"
            + " of each server a process for each way of tracing, loaded in turn: %d ms of warm-up"
            + " each, then %d rounds of %d ms each; medians. Spans go over OTLP to a collector on"
            + " loopback that forgets them (slow: after %d ms). By default as many traces begin as"
            + " TRACES_PER_SECOND says. %s on %d cores (%s), %s, commit %s.")
        .formatted(
            ThroughputRun.CONNECTIONS,
            warmupMs(),
            rounds(),
            windowMs(),
            SpanSink.SLOW_MS,
            machine.os(),
            machine.cores(),
            machine.cpu(),
            machine.jdk(),
            machine.commit() == null ? "unknown" : machine.commit());
  }
}
