package dev.handlermodels.loadtests.bench.scenario.fanout;

import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.process.BenchRun;
import dev.handlermodels.loadtests.bench.process.ChildProcess;
import dev.handlermodels.loadtests.bench.process.MeasurementException;
import dev.handlermodels.loadtests.bench.process.Progress;
import dev.handlermodels.loadtests.bench.process.TestBed;
import dev.handlermodels.loadtests.bench.process.TestBed.Server;
import dev.handlermodels.loadtests.bench.sampling.ProcessSampler;
import dev.handlermodels.loadtests.bench.sampling.Sample.MachineUse;
import dev.handlermodels.loadtests.bench.sampling.Sample.ProcessUse;
import dev.handlermodels.loadtests.bench.scenario.fanout.FanoutAnalysis.CallStrategy;
import dev.handlermodels.loadtests.bench.scenario.fanout.FanoutAnalysis.Round;
import dev.handlermodels.loadtests.bench.scenario.fanout.FanoutAnalysis.Table;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import dev.handlermodels.loadtests.load.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/** Measures one request that makes many upstream calls, with one strategy for the calls. */
record FanoutRun(BenchRun run, Settings settings, Progress progress, boolean quick) {
  /** Beyond the servers' own time-out for all calls of a request, which is 65 s. */
  private static final long TIMEOUT_MS = 90_000;

  /** A thousand waits of 1 s, one after the other, would take too long. */
  private static final int SEQUENTIAL_WAIT_MS = 10;

  static final int WARM_UPS = 3;
  static final int WARM_UP_WAIT_MS = 10;

  int calls() {
    return quick ? 200 : FanoutAnalysis.CALLS;
  }

  /** The slow ways are timed once: their wall time is mostly waiting. */
  int rounds(CallStrategy way) {
    return quick || way == CallStrategy.SEQUENTIAL || way == CallStrategy.POOL ? 1 : 3;
  }

  private int waitMs(Table table, CallStrategy way) {
    return table == Table.SECOND && way == CallStrategy.SEQUENTIAL
        ? SEQUENTIAL_WAIT_MS
        : table.waitMs;
  }

  /**
   * Starts fresh processes for each strategy, so that the peak of its memory is its own.
   *
   * @param rounds to which each round is added when it has ended
   */
  void run(Table table, CallStrategy way, List<Round> rounds)
      throws IOException, InterruptedException, MeasurementException {
    String name = (table + "-" + way).toLowerCase(Locale.ROOT);
    Path dir = run.rowFolder(name);
    progress.phase("start");
    TestBed testBed = new TestBed(run, settings);
    ChildProcess upstream = testBed.upstream(dir);
    List<Server> servers = new ArrayList<>(List.of(testBed.server(way.server, dir)));
    for (int process = 2; process <= way.processes; process++) {
      servers.add(testBed.another(way.server, dir.resolve("server-" + process + ".log")));
    }
    progress.phase("warm-up");
    for (int i = 0; i < WARM_UPS; i++) {
      testBed.all(
          urls(servers, way, Math.min(calls(), 20 * way.concurrency), WARM_UP_WAIT_MS), TIMEOUT_MS);
    }
    for (int round = 1; round <= rounds(way); round++) {
      progress.phase(String.format(Locale.ROOT, "round %d of %d", round, rounds(way)));
      rounds.add(round(testBed, table, way, round, servers, upstream));
    }
  }

  private Round round(
      TestBed testBed,
      Table table,
      CallStrategy way,
      int round,
      List<Server> servers,
      ChildProcess upstream)
      throws InterruptedException, MeasurementException {
    int waitMs = waitMs(table, way);
    Double cpuBefore = sum(servers, use -> ms(use.cpuMs()));
    Double upstreamBefore = ms(ProcessSampler.process(upstream.handle()).cpuMs());
    MachineUse machineBefore = ProcessSampler.machine();
    long fromNs = System.nanoTime();
    List<JsonNode> answers =
        testBed.all(urls(servers, way, calls(), waitMs), TIMEOUT_MS).stream()
            .map(Json.LINE::readTree)
            .toList();
    double wallMs = (System.nanoTime() - fromNs) / 1e6;
    Double cpuMs = difference(cpuBefore, sum(servers, use -> ms(use.cpuMs())));
    Double upstreamMs =
        difference(upstreamBefore, ms(ProcessSampler.process(upstream.handle()).cpuMs()));
    return new Round(
        table,
        way,
        round,
        sum(answers, "/calls"),
        waitMs,
        sum(answers, "/concurrency/effective"),
        sum(answers, "/calls") - sum(answers, "/succeeded"),
        Numbers.round(wallMs, 1),
        cpuMs,
        sum(servers, use -> use.rssPeakKiB() == null ? null : use.rssPeakKiB() / 1024.0),
        MachineUse.otherCores(
            machineBefore,
            ProcessSampler.machine(),
            cores(cpuMs, wallMs),
            cores(upstreamMs, wallMs)));
  }

  /** As many calls for each process. */
  private static List<String> urls(List<Server> servers, CallStrategy way, int calls, int waitMs) {
    return servers.stream()
        .map(
            server ->
                server.url(
                    String.format(
                        Locale.ROOT,
                        "/fanout?calls=%d&waitMs=%d&concurrency=%d",
                        calls / servers.size(),
                        waitMs,
                        way.concurrency)))
        .toList();
  }

  private static int sum(List<JsonNode> answers, String field) {
    return answers.stream().mapToInt(answer -> answer.at(field).intValue()).sum();
  }

  /** Null where one of them is. */
  private static Double sum(List<Server> servers, Function<ProcessUse, Double> value) {
    List<Double> values =
        servers.stream()
            .map(server -> value.apply(ProcessSampler.process(server.process().handle())))
            .toList();
    return values.stream().anyMatch(Objects::isNull)
        ? null
        : Numbers.round(values.stream().mapToDouble(Double::doubleValue).sum(), 1);
  }

  private static Double ms(Long ms) {
    return ms == null ? null : ms.doubleValue();
  }

  private static Double difference(Double before, Double after) {
    return before == null || after == null ? null : after - before;
  }

  private static Double cores(Double cpuMs, double wallMs) {
    return cpuMs == null ? null : (Double) (cpuMs / wallMs);
  }
}
