package dev.handlermodels.loadtests.bench.scenario.telemetry;

import dev.handlermodels.loadtests.bench.config.LoopbackAddress;
import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.process.BenchRun;
import dev.handlermodels.loadtests.bench.process.ChildProcess;
import dev.handlermodels.loadtests.bench.process.Commands;
import dev.handlermodels.loadtests.bench.process.MeasurementException;
import dev.handlermodels.loadtests.bench.process.Progress;
import dev.handlermodels.loadtests.bench.process.TestBed;
import dev.handlermodels.loadtests.bench.scenario.ClosedLoad;
import dev.handlermodels.loadtests.bench.scenario.telemetry.TelemetryAnalysis.Round;
import dev.handlermodels.loadtests.bench.scenario.telemetry.TelemetryAnalysis.Spans;
import dev.handlermodels.loadtests.bench.scenario.telemetry.TelemetryAnalysis.Variant;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Measures one server with a process for each way of tracing. All processes run all the time and
 * are loaded in turn, A B C D A B C D; the others are idle meanwhile.
 */
record TelemetryRun(
    BenchRun run, Settings settings, Progress progress, int rounds, int warmupMs, int windowMs) {

  /** All rounds of one server. */
  List<Round> run(String server) throws IOException, InterruptedException, MeasurementException {
    Path dir = run.folder(server);
    progress.phase("start");
    int sink = LoopbackAddress.freePort();
    ChildProcess collector =
        run.children.start(
            "The collector", Commands.spanSink(sink), Map.of(), dir.resolve("collector.log"));
    TestBed testBed = new TestBed(run, settings);
    Map<Variant, TestBed.Server> servers = new EnumMap<>(Variant.class);
    for (Variant variant : Variant.values()) {
      Map<String, String> tracing = variant.environment(LoopbackAddress.url(sink));
      servers.put(variant, testBed.another(server, dir.resolve(variant + ".log"), tracing));
    }
    for (Variant variant : Variant.values()) {
      load(servers.get(variant), collector, warmupMs, dir.resolve("warm-up-" + variant + ".json"));
    }
    List<Round> done = new ArrayList<>();
    for (int round = 1; round <= rounds; round++) {
      progress.phase(String.format(Locale.ROOT, "round %d of %d", round, rounds));
      for (Variant variant : Variant.values()) {
        done.add(round(servers.get(variant), variant, round, collector, dir));
      }
    }
    return done;
  }

  private Round round(
      TestBed.Server server, Variant variant, int round, ChildProcess collector, Path dir)
      throws IOException, InterruptedException, MeasurementException {
    Spans before = spans(server);
    ClosedLoad load =
        load(
            server,
            collector,
            windowMs,
            dir.resolve(String.format(Locale.ROOT, "%s-%d.json", variant, round)));
    return new Round(
        server.name(),
        variant,
        round,
        load.outcome(),
        load.cpuUsPerRequest(),
        load.helperCores(),
        load.otherCores(),
        spans(server).since(before));
  }

  private Spans spans(TestBed.Server server) throws IOException, InterruptedException {
    return Spans.of(run.http.text(server.managementUrl("/metrics")));
  }

  private ClosedLoad load(TestBed.Server server, ChildProcess collector, int ms, Path outcome)
      throws IOException, InterruptedException, MeasurementException {
    return ClosedLoad.run(run, server.process(), collector, server.port(), ms, outcome);
  }
}
