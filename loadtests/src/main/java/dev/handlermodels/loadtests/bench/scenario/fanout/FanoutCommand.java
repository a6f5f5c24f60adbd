package dev.handlermodels.loadtests.bench.scenario.fanout;

import dev.handlermodels.loadtests.bench.Scenario;
import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.process.BenchRun;
import dev.handlermodels.loadtests.bench.process.ChildProcess;
import dev.handlermodels.loadtests.bench.process.LoopbackClient;
import dev.handlermodels.loadtests.bench.process.MeasurementException;
import dev.handlermodels.loadtests.bench.process.Progress;
import dev.handlermodels.loadtests.bench.process.TestBed;
import dev.handlermodels.loadtests.bench.process.TestBed.Server;
import dev.handlermodels.loadtests.bench.sampling.ProcessSampler;
import dev.handlermodels.loadtests.bench.sampling.Sample.MachineUse;
import dev.handlermodels.loadtests.bench.sampling.Sample.ProcessUse;
import dev.handlermodels.loadtests.bench.scenario.ScenarioOptions;
import dev.handlermodels.loadtests.bench.scenario.fanout.FanoutAnalysis.Round;
import dev.handlermodels.loadtests.bench.scenario.fanout.FanoutAnalysis.Table;
import dev.handlermodels.loadtests.bench.scenario.fanout.FanoutAnalysis.Way;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import dev.handlermodels.loadtests.load.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tools.jackson.databind.JsonNode;

/** {@code ./bench fanout}. */
@Command(
    name = "fanout",
    description = "1000 upstream calls for one request: in turn, in a pool, on a loop, on threads.")
public final class FanoutCommand implements Callable<Integer> {
  /** Beyond the servers' own time-out for all calls of a request, which is 65 s. */
  private static final long TIMEOUT_MS = 90_000;

  /** In turn, a thousand waits of 1 s would take longer than anybody stays for. */
  private static final int SEQUENTIAL_WAIT_MS = 10;

  private static final int WARM_UPS = 3;
  private static final int WARM_UP_WAIT_MS = 10;

  @Mixin private ScenarioOptions options;

  @Override
  public Integer call() throws IOException, InterruptedException {
    return new BenchRun(options.layout()).run(Scenario.FANOUT, this::measure);
  }

  private int calls() {
    return options.quick ? 200 : FanoutAnalysis.CALLS;
  }

  /** The slow ways are timed once: their wall time is mostly waiting. */
  private int rounds(Way way) {
    return options.quick || way == Way.SEQUENTIAL || way == Way.POOL ? 1 : 3;
  }

  private int waitMs(Table table, Way way) {
    return table == Table.SECOND && way == Way.SEQUENTIAL ? SEQUENTIAL_WAIT_MS : table.waitMs;
  }

  private int measure(BenchRun session, LoopbackClient loopback)
      throws IOException, InterruptedException {
    Path out = session.layout.out();
    Progress progress = options.progress(Table.values().length * Way.values().length);
    Machine machine = Machine.here(session.layout);
    int planned = Table.values().length * Stream.of(Way.values()).mapToInt(this::rounds).sum();
    TestBed stage = new TestBed(session, loopback, options.settings(FanoutAnalysis.CALLS, 0));
    List<Round> rounds = new ArrayList<>();
    for (Table table : Table.values()) {
      for (Way way : Way.values()) {
        if (!session.stop.isAsked()) {
          progress.row(table.label + ", " + way.label);
          try {
            run(session, stage, progress, table, way, rounds);
          } catch (MeasurementException e) {
            progress.say(e.getMessage());
            e.lastLogLines().forEach(progress::say);
          } finally {
            session.children.stopAll();
          }
        }
        Json.write(
            FanoutAnalysis.raw(out),
            new FanoutAnalysis.Raw(machine, setting(machine), planned, List.copyOf(rounds)));
      }
    }
    progress.say("");
    return session.print(FanoutAnalysis.report(out), FanoutAnalysis.complete(out));
  }

  /** Fresh processes for each way, so that the peak of its memory is its own. */
  private void run(
      BenchRun session, TestBed stage, Progress progress, Table table, Way way, List<Round> rounds)
      throws IOException, InterruptedException, MeasurementException {
    String name = (table + "-" + way).toLowerCase(Locale.ROOT);
    Path dir = Files.createDirectories(session.layout.out().resolve("rows").resolve(name));
    progress.phase("start");
    ChildProcess upstream = stage.upstream(dir);
    List<Server> servers = new ArrayList<>(List.of(stage.server(way.server, dir)));
    for (int process = 2; process <= way.processes; process++) {
      servers.add(stage.another(way.server, dir.resolve("server-" + process + ".log")));
    }
    progress.phase("warm-up");
    for (int i = 0; i < WARM_UPS; i++) {
      stage.all(
          urls(servers, way, Math.min(calls(), 20 * way.concurrency), WARM_UP_WAIT_MS), TIMEOUT_MS);
    }
    for (int round = 1; round <= rounds(way); round++) {
      progress.phase("round %d of %d".formatted(round, rounds(way)));
      rounds.add(round(stage, table, way, round, servers, upstream));
    }
  }

  private Round round(
      TestBed stage, Table table, Way way, int round, List<Server> servers, ChildProcess upstream)
      throws InterruptedException, MeasurementException {
    int waitMs = waitMs(table, way);
    Double cpuBefore = sum(servers, use -> ms(use.cpuMs()));
    Double upstreamBefore = ms(ProcessSampler.process(upstream.handle()).cpuMs());
    MachineUse machineBefore = ProcessSampler.machine();
    long fromNs = System.nanoTime();
    List<JsonNode> answers =
        stage.all(urls(servers, way, calls(), waitMs), TIMEOUT_MS).stream()
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
        otherCores(machineBefore, ProcessSampler.machine(), cpuMs, upstreamMs, wallMs));
  }

  /** As many calls for each process. */
  private static List<String> urls(List<Server> servers, Way way, int calls, int waitMs) {
    return servers.stream()
        .map(
            server ->
                server.url(
                    "/fanout?calls=%d&waitMs=%d&concurrency=%d"
                        .formatted(calls / servers.size(), waitMs, way.concurrency)))
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

  private static Double otherCores(
      MachineUse before, MachineUse after, Double cpuMs, Double upstreamMs, double wallMs) {
    if (before == null || after == null || cpuMs == null || upstreamMs == null) {
      return null;
    }
    double ticks = Math.max(1, after.totalTicks() - before.totalTicks());
    int cores = Runtime.getRuntime().availableProcessors();
    double busy = (after.busyTicks() - before.busyTicks()) / ticks * cores;
    return Numbers.round(Math.max(0, busy - (cpuMs + upstreamMs) / wallMs), 2);
  }

  private String setting(Machine machine) {
    return ("One request for %d upstream calls, to fresh servers and a fresh upstream for each row;"
            + " %d warm-ups with a wait of %d ms, then 3 rounds of the fast ways and one of the two"
            + " slow ones (one with --quick), medians; peak RSS with the heap of jvm.options. %s")
        .formatted(calls(), WARM_UPS, WARM_UP_WAIT_MS, machine.sentence());
  }
}
