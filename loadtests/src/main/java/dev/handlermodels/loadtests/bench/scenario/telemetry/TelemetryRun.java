package dev.handlermodels.loadtests.bench.scenario.telemetry;

import dev.handlermodels.loadtests.bench.config.LoopbackAddress;
import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.process.BenchRun;
import dev.handlermodels.loadtests.bench.process.ChildProcess;
import dev.handlermodels.loadtests.bench.process.Commands;
import dev.handlermodels.loadtests.bench.process.LoopbackClient;
import dev.handlermodels.loadtests.bench.process.MeasurementException;
import dev.handlermodels.loadtests.bench.process.Progress;
import dev.handlermodels.loadtests.bench.sampling.ProcessSampler;
import dev.handlermodels.loadtests.bench.sampling.Sample.MachineUse;
import dev.handlermodels.loadtests.bench.scenario.telemetry.TelemetryAnalysis.Round;
import dev.handlermodels.loadtests.bench.scenario.telemetry.TelemetryAnalysis.Spans;
import dev.handlermodels.loadtests.bench.scenario.telemetry.TelemetryAnalysis.Variant;
import dev.handlermodels.loadtests.bench.scenario.throughput.ThroughputRun;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import dev.handlermodels.loadtests.load.KeepAliveLoad;
import dev.handlermodels.loadtests.load.KeepAliveLoad.Plan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One server in a process for each way of tracing, all running all the time and loaded in turn: A B
 * C D A B C D. Those that are not loaded sleep.
 */
final class TelemetryRun {
  private final BenchRun session;
  private final LoopbackClient loopback;
  private final Settings settings;
  private final Progress progress;
  private final int rounds;
  private final int warmupMs;
  private final int windowMs;

  TelemetryRun(
      BenchRun session,
      LoopbackClient loopback,
      Settings settings,
      Progress progress,
      int rounds,
      int warmupMs,
      int windowMs) {
    this.session = session;
    this.loopback = loopback;
    this.settings = settings;
    this.progress = progress;
    this.rounds = rounds;
    this.warmupMs = warmupMs;
    this.windowMs = windowMs;
  }

  private record Traced(ChildProcess process, int port, int managementPort) {}

  /** All rounds of one server. */
  List<Round> run(String server) throws IOException, InterruptedException, MeasurementException {
    Path dir = Files.createDirectories(session.layout.out().resolve(server));
    try {
      progress.phase("start");
      int sink = LoopbackAddress.freePort();
      ChildProcess collector =
          session.children.start(
              "The collector", Commands.spanSink(sink), Map.of(), dir.resolve("collector.log"));
      Map<Variant, Traced> all = new EnumMap<>(Variant.class);
      for (Variant variant : Variant.values()) {
        all.put(variant, start(server, variant, LoopbackAddress.url(sink), dir));
      }
      return rounds(server, all, collector, dir);
    } finally {
      session.children.stopAll();
    }
  }

  private Traced start(String server, Variant variant, String sink, Path dir)
      throws IOException, InterruptedException, MeasurementException {
    int port = LoopbackAddress.freePort();
    int managementPort = LoopbackAddress.freePort();
    Map<String, String> environment = new HashMap<>(Commands.serverEnvironment(settings));
    environment.put("PORT", Integer.toString(port));
    environment.put("MANAGEMENT_PORT", Integer.toString(managementPort));
    environment.putAll(variant.environment(sink));
    ChildProcess process =
        session.children.start(
            "The server, tracing " + variant.label,
            Commands.server(server, settings),
            environment,
            dir.resolve(variant + ".log"));
    ThroughputRun.awaitReady(
        session, loopback, process, LoopbackAddress.url(port) + "/health/ready");
    return new Traced(process, port, managementPort);
  }

  private List<Round> rounds(
      String server, Map<Variant, Traced> all, ChildProcess collector, Path dir)
      throws IOException, InterruptedException, MeasurementException {
    for (Variant variant : Variant.values()) {
      load(all.get(variant), warmupMs, dir.resolve("warm-up-" + variant + ".json"));
    }
    List<Round> done = new ArrayList<>();
    for (int round = 1; round <= rounds; round++) {
      progress.phase("round %d of %d".formatted(round, rounds));
      for (Variant variant : Variant.values()) {
        done.add(round(server, variant, round, all.get(variant), collector, dir));
      }
    }
    return done;
  }

  private Round round(
      String server, Variant variant, int round, Traced traced, ChildProcess collector, Path dir)
      throws IOException, InterruptedException, MeasurementException {
    Spans spansBefore = spans(traced);
    Duration before = ThroughputRun.cpu(traced.process());
    Duration collectorBefore = ThroughputRun.cpu(collector);
    MachineUse machineBefore = ProcessSampler.machine();
    KeepAliveLoad.Outcome outcome =
        load(traced, windowMs, dir.resolve("%s-%d.json".formatted(variant, round)));
    Double cpuUs = perRequest(before, ThroughputRun.cpu(traced.process()), outcome);
    Double collectorUs = perRequest(collectorBefore, ThroughputRun.cpu(collector), outcome);
    Double otherCores =
        ThroughputRun.otherCores(machineBefore, ProcessSampler.machine(), cpuUs, outcome);
    Double collectorCores = cores(collectorUs, outcome);
    return new Round(
        server,
        variant,
        round,
        outcome,
        cpuUs,
        collectorCores,
        otherCores == null || collectorCores == null
            ? null
            : Numbers.round(Math.max(0, otherCores - collectorCores), 2),
        spans(traced).since(spansBefore));
  }

  /** CPU time of a process in µs ÷ requests; null where it could not be read. */
  private static Double perRequest(Duration before, Duration after, KeepAliveLoad.Outcome outcome) {
    return before == null || after == null
        ? null
        : Numbers.round(after.minus(before).toNanos() / 1000.0 / outcome.requests(), 2);
  }

  /** As {@link ThroughputRun#otherCores} has it of the server: both loads took the same time. */
  private static Double cores(Double cpuUsPerRequest, KeepAliveLoad.Outcome outcome) {
    return cpuUsPerRequest == null
        ? null
        : Numbers.round(cpuUsPerRequest * outcome.perSecond() / 1e6, 2);
  }

  private Spans spans(Traced traced) throws IOException, InterruptedException {
    return Spans.of(loopback.text(LoopbackAddress.url(traced.managementPort()) + "/metrics"));
  }

  private KeepAliveLoad.Outcome load(Traced traced, int ms, Path outcome)
      throws IOException, InterruptedException, MeasurementException {
    Plan plan = new Plan(traced.port(), "/", ThroughputRun.CONNECTIONS, 0, 1000, ms);
    return ThroughputRun.load(session, traced.process(), plan, outcome);
  }
}
