package dev.handlermodels.loadtests.bench.scenario.decide;

import dev.handlermodels.loadtests.bench.Scenario;
import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.process.BenchRun;
import dev.handlermodels.loadtests.bench.process.ChildProcess;
import dev.handlermodels.loadtests.bench.process.LoopbackClient;
import dev.handlermodels.loadtests.bench.process.MeasurementException;
import dev.handlermodels.loadtests.bench.process.Progress;
import dev.handlermodels.loadtests.bench.process.TestBed;
import dev.handlermodels.loadtests.bench.sampling.CpuTimes;
import dev.handlermodels.loadtests.bench.sampling.ProcessSampler;
import dev.handlermodels.loadtests.bench.scenario.ScenarioOptions;
import dev.handlermodels.loadtests.bench.scenario.decide.DecideAnalysis.Candidate;
import dev.handlermodels.loadtests.bench.scenario.decide.DecideAnalysis.Measured;
import dev.handlermodels.loadtests.bench.scenario.decide.DecideAnalysis.Question;
import dev.handlermodels.loadtests.bench.scenario.decide.DecideAnalysis.Work;
import dev.handlermodels.loadtests.bench.scenario.throughput.ThroughputRun;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import dev.handlermodels.loadtests.load.Json;
import dev.handlermodels.loadtests.load.KeepAliveLoad.Outcome;
import dev.handlermodels.loadtests.load.KeepAliveLoad.Plan;
import dev.handlermodels.loadtests.load.Limits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./bench decide}. */
@Command(
    name = "decide",
    description = "Which model for which kind of work, for your wait, CPU, users and SLO.")
public final class DecideCommand implements Callable<Integer> {
  private static final int WORKERS = 40;
  private static final int TIMEOUT_MS = 30_000;

  /** Some waits have to pass before a closed load is in step. */
  private static final int WARMUP_WAITS = 3;

  private static final int CPU_USERS_PER_CORE = 4;

  /** A quarter of what jvm.options gives. */
  private static final int LITTLE_HEAP_MIB = 64;

  private static final int CORES = Runtime.getRuntime().availableProcessors();

  @Mixin private ScenarioOptions options;

  @Option(
      names = "--users",
      paramLabel = "N",
      description = "Who wait for an answer at the same time, 1 to 2000; default 500.")
  private int users = 500;

  @Option(
      names = "--wait",
      paramLabel = "MS",
      description = "How long your upstream takes, 1 to 10000 ms; default 1000.")
  private int waitMs = 1000;

  @Option(
      names = "--cpu-ms",
      paramLabel = "MS",
      description =
          "Work of a request that computes, 1 to 1000 units of some 1 ms of a core; default 2.")
  private int cpuMs = 2;

  @Option(
      names = "--slo-ms",
      paramLabel = "MS",
      description = "What an answer may take, 1 to 60000 ms; default twice the wait.")
  private Integer sloMs;

  @Option(
      names = "--pool",
      paramLabel = "N",
      description = "Threads of the fixed pool and of the workers, 1 to 2000; default 40.")
  private int poolSize = WORKERS;

  @Override
  public Integer call() throws IOException, InterruptedException {
    options.check("--users", users, new Limits(1, 2000));
    options.check("--wait", waitMs, new Limits(1, 10_000));
    options.check("--cpu-ms", cpuMs, new Limits(1, 1000));
    options.check("--slo-ms", question().sloMs(), new Limits(1, 60_000));
    options.check("--pool", poolSize, new Limits(1, 2000));
    return new BenchRun(options.layout()).run(Scenario.DECIDE, this::measure);
  }

  private Question question() {
    return new Question(
        users,
        waitMs,
        cpuMs,
        sloMs == null ? 2 * waitMs : sloMs,
        poolSize,
        Math.min(users, CPU_USERS_PER_CORE * CORES),
        LITTLE_HEAP_MIB);
  }

  private int warmupMs() {
    return Math.max(options.quick ? 3_000 : 8_000, WARMUP_WAITS * waitMs);
  }

  private int windowMs() {
    return Math.max(options.quick ? 4_000 : 10_000, WARMUP_WAITS * waitMs);
  }

  private int measure(BenchRun session, LoopbackClient loopback)
      throws IOException, InterruptedException {
    Path out = session.layout.out();
    int planned = Stream.of(Work.values()).mapToInt(work -> work.candidates.size()).sum();
    Progress progress = options.progress(planned);
    Machine machine = Machine.here(session.layout);
    List<Measured> rows = new ArrayList<>();
    for (Work work : Work.values()) {
      for (Candidate candidate : work.candidates) {
        if (session.stop.isAsked()) {
          continue;
        }
        progress.row(work.label + ": " + candidate.label());
        try {
          rows.add(run(session, loopback, progress, work, candidate));
        } catch (MeasurementException e) {
          progress.say(e.getMessage());
          e.lastLogLines().forEach(progress::say);
        }
        Json.write(
            DecideAnalysis.raw(out),
            new DecideAnalysis.Raw(
                machine, setting(machine), question(), planned, List.copyOf(rows)));
      }
    }
    progress.say("");
    return session.print(DecideAnalysis.report(out), DecideAnalysis.complete(out));
  }

  private Measured run(
      BenchRun session, LoopbackClient loopback, Progress progress, Work work, Candidate candidate)
      throws IOException, InterruptedException, MeasurementException {
    String name = work + candidate.label().replaceAll("[ /]+", "-");
    Path dir = session.layout.out().resolve("rows").resolve(name.toLowerCase(Locale.ROOT));
    Files.createDirectories(dir);
    TestBed stage = new TestBed(session, loopback, settings(work));
    progress.phase("start");
    try {
      ChildProcess upstream = stage.upstream(dir);
      TestBed.Server server = stage.server(candidate.server(), dir);
      progress.phase("load");
      return load(session, server, upstream, work, candidate, dir);
    } finally {
      session.children.stopAll();
    }
  }

  private Measured load(
      BenchRun session,
      TestBed.Server server,
      ChildProcess upstream,
      Work work,
      Candidate candidate,
      Path dir)
      throws IOException, InterruptedException, MeasurementException {
    int load = users(work);
    Plan plan =
        new Plan(
            server.port(),
            candidate.path() + query(candidate.path()),
            load,
            Math.min(1000, warmupMs() / 3),
            warmupMs(),
            windowMs(),
            question().sloMs());
    CpuTimes before = CpuTimes.of(server, upstream);
    Outcome outcome =
        ThroughputRun.load(session, server.process(), plan, dir.resolve("outcome.json"));
    CpuTimes after = CpuTimes.of(server, upstream);
    Double serverCores = before.serverCores(after);
    double seconds = (after.atNs() - before.atNs()) / 1e9;
    return new Measured(
        work,
        candidate,
        load,
        outcome,
        serverCores == null || outcome.requests() == 0
            ? null
            : Numbers.round(serverCores * seconds * 1e6 / outcome.requests(), 1),
        DecideAnalysis.mib(ProcessSampler.process(server.process().handle()).rssPeakKiB()),
        before.otherCores(after, outcome.cores()));
  }

  private int users(Work work) {
    return work == Work.FEW_USERS || work == Work.CPU_BOUND ? question().fewUsers() : users;
  }

  private String query(String path) {
    String wait = "waitMs=" + waitMs;
    String work = "work=" + cpuMs;
    return "?"
        + (path.startsWith("/cpu") ? work : path.equals("/mixed") ? wait + "&" + work : wait);
  }

  /** As in production: a loop for each core. */
  private Settings settings(Work work) {
    Settings settings =
        new Settings(
            users,
            waitMs,
            0,
            0,
            0,
            TIMEOUT_MS,
            CORES,
            poolSize,
            poolSize,
            options.port,
            options.managementPort,
            options.upstreamPort);
    return work == Work.LITTLE_MEMORY ? settings.measuringHeap(LITTLE_HEAP_MIB, 1) : settings;
  }

  private String setting(Machine machine) {
    return ("%d closed users without think time (%d where few are asked for, and for CPU-bound"
            + " work), an upstream of %d ms, some %d ms of CPU work, at most %d ms for an answer;"
            + " %d event loops, pool and workers of %d threads, heap as in jvm.options and %d MiB"
            + " for little memory; %s s of warm-up, %s s measured, a fresh server for each. %s")
        .formatted(
            users,
            question().fewUsers(),
            waitMs,
            cpuMs,
            question().sloMs(),
            CORES,
            poolSize,
            LITTLE_HEAP_MIB,
            Numbers.text(warmupMs() / 1000.0, 0),
            Numbers.text(windowMs() / 1000.0, 0),
            machine.sentence());
  }
}
