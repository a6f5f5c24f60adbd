package dev.handlermodels.loadtests.bench.scenario.soak;

import dev.handlermodels.loadtests.bench.config.LoopbackAddress;
import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.process.BenchRun;
import dev.handlermodels.loadtests.bench.process.ChildProcess;
import dev.handlermodels.loadtests.bench.process.LoadProcess;
import dev.handlermodels.loadtests.bench.process.MeasurementException;
import dev.handlermodels.loadtests.bench.process.Progress;
import dev.handlermodels.loadtests.bench.process.TestBed;
import dev.handlermodels.loadtests.bench.sampling.CpuTimes;
import dev.handlermodels.loadtests.bench.sampling.HeapProbe;
import dev.handlermodels.loadtests.bench.sampling.ProcessSampler;
import dev.handlermodels.loadtests.bench.sampling.Sample;
import dev.handlermodels.loadtests.bench.scenario.soak.SoakAnalysis.IdleState;
import dev.handlermodels.loadtests.bench.scenario.soak.SoakAnalysis.Measured;
import dev.handlermodels.loadtests.bench.scenario.soak.SoakAnalysis.SoakSample;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import dev.handlermodels.loadtests.load.ArrivalLoad;
import dev.handlermodels.loadtests.load.ArrivalLoad.Clients;
import dev.handlermodels.loadtests.load.ArrivalLoad.IntervalStats;
import dev.handlermodels.loadtests.load.ArrivalLoad.Plan;
import dev.handlermodels.loadtests.load.ArrivalLoad.Step;
import dev.handlermodels.loadtests.load.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Loads one server for a long time below its capacity and samples it now and then. */
record SoakRun(BenchRun run, Settings settings, Progress progress, SoakPlan wanted) {
  /** Closed, of the load that tells the capacity: more than the pool has threads. */
  static final int USERS = 64;

  /**
   * A client closes its connection after this many answers, so that connections come and go
   * steadily.
   */
  static final int ANSWERS_PER_CONNECTION = 20;

  /**
   * Idle connections close after this time, so that a pause of the server leaves none until the
   * next sample.
   */
  private static final int IDLE_MS = 5_000;

  /** Fewer than by default, so that what is kept by design has reached its bound early. */
  static final int TASK_RESULTS_KEPT = 200;

  /** A heap that is touched at the start leaves to resident memory what is outside of it. */
  static final String TOUCHED_HEAP = "-XX:+AlwaysPreTouch";

  private static final int LOOKS = 90;
  private static final int SHORTEST_EVERY_MS = 1_000;
  private static final int LONGEST_EVERY_MS = 60_000;
  private static final int WARMUP_SHARE = 6;
  private static final int THIRDS = 3;
  private static final long SEED = 20_261_121;
  private static final int TIMEOUT_MS = 10_000;
  private static final long POLL_MS = 50;

  /** The time in which a server notices that the load's connections are closed. */
  private static final long SETTLE_MS = 1_000;

  /** Longer than a server keeps a connection to the upstream that a burst has left over: 75 s. */
  private static final long REST_MS = 90_000;

  private static final int START_AND_REST_SECONDS = 15;

  /**
   * The plan of a soak.
   *
   * @param ms of load
   * @param everyMs from one look to the next
   * @param closedMs of the load that tells the capacity, after as long a warm-up
   */
  record SoakPlan(int ms, int everyMs, int closedMs, int hangUpPercent) {
    static SoakPlan of(int seconds, int hangUpPercent, boolean quick) {
      int ms = seconds * 1000;
      return new SoakPlan(
          ms,
          Math.clamp(ms / LOOKS, SHORTEST_EVERY_MS, LONGEST_EVERY_MS),
          quick ? 4_000 : 10_000,
          hangUpPercent);
    }

    /** Samples of this time do not count: compilers, caches and pools are still growing. */
    int warmupMs() {
      return ms / WARMUP_SHARE;
    }

    /** The seconds that a server takes beside its load. */
    int besideSeconds() {
      return 2 * closedMs / 1000 + START_AND_REST_SECONDS;
    }
  }

  /** Keeps what was measured before a failure, together with the reason. */
  Measured run(String name) throws IOException, InterruptedException, MeasurementException {
    Path dir = run.folder(name);
    progress.phase("start");
    TestBed testBed = new TestBed(run, settings);
    ChildProcess upstream = testBed.upstream(dir);
    TestBed.Server server =
        testBed.server(
            name,
            dir,
            Map.of(
                "TASK_RESULTS_KEPT",
                Integer.toString(TASK_RESULTS_KEPT),
                "JDK_JAVA_OPTIONS",
                TOUCHED_HEAP));
    progress.phase("capacity");
    double capacity = capacity(server, dir);
    IdleState before = rest(server, dir.resolve("heap-before.txt"), null);
    return soak(server, upstream, capacity, before, dir);
  }

  private double capacity(TestBed.Server server, Path dir)
      throws IOException, InterruptedException, MeasurementException {
    Step step = new Step(0, wanted.closedMs());
    Plan plan = plan(server, "capacity", List.of(step, step), USERS, SEED);
    IntervalStats ended =
        LoadProcess.run(run, server.process(), plan, dir.resolve("capacity.json"))
            .steps()
            .getLast();
    double capacity = (ended.ok() + ended.hungUp()) / ended.seconds();
    if (ended.ok() == 0) {
      throw new MeasurementException("No user of the closed load got an answer.", List.of());
    }
    return Numbers.round(capacity, 1);
  }

  private Plan plan(TestBed.Server server, String load, List<Step> steps, int users, long seed) {
    return new Plan(
        server.port(),
        RequestMix.of(load),
        0,
        TIMEOUT_MS,
        steps,
        wanted.everyMs(),
        new Clients(users, wanted.hangUpPercent(), ANSWERS_PER_CONNECTION, IDLE_MS, seed));
  }

  private Measured soak(
      TestBed.Server server, ChildProcess upstream, double capacity, IdleState before, Path dir)
      throws IOException, InterruptedException {
    int rate = Math.max(1, (int) Math.round(capacity * SoakAnalysis.LOAD));
    progress.phase(
        String.format(
            Locale.ROOT, "%d arrivals/s, capacity %s/s", rate, Numbers.text(capacity, 1)));
    int third = (wanted.ms() - wanted.warmupMs()) / THIRDS;
    Step counted = new Step(rate, third);
    List<Step> steps = List.of(new Step(rate, wanted.warmupMs()), counted, counted, counted);
    Plan plan = plan(server, "soak", steps, 0, SEED + 1);
    Path file = dir.resolve("load.json");
    CpuTimes cpuBefore = CpuTimes.of(server, upstream);
    ArrivalLoad.Outcome outcome = null;
    IdleState after = null;
    Double serverCores = null;
    Double otherCores = null;
    String trouble = null;
    try {
      LoadProcess load = LoadProcess.start(run, plan, file);
      look(server, load.process, plan, file, dir);
      outcome =
          load.await(server.process(), wanted.everyMs() + TIMEOUT_MS, ArrivalLoad.Outcome.class);
      CpuTimes cpuAfter = CpuTimes.of(server, upstream);
      serverCores = cpuBefore.serverCores(cpuAfter);
      otherCores = cpuBefore.otherCores(cpuAfter, outcome.cores());
      progress.phase("after the load");
      after = rest(server, dir.resolve("heap-after.txt"), before);
    } catch (MeasurementException e) {
      trouble = e.getMessage();
      progress.failed(server.name(), e);
    }
    return new Measured(
        server.name(),
        capacity,
        rate,
        wanted.hangUpPercent(),
        wanted.warmupMs(),
        wanted.everyMs(),
        before,
        outcome,
        after,
        serverCores,
        otherCores,
        trouble);
  }

  /** Takes each sample in the middle of its interval, so that the last one is still under load. */
  private void look(TestBed.Server server, ChildProcess load, Plan plan, Path file, Path dir)
      throws IOException, InterruptedException, MeasurementException {
    while (Files.notExists(ArrivalLoad.began(file))) {
      requireAlive(load);
      run.stop.pause(POLL_MS);
    }
    long fromNs = System.nanoTime();
    Path first = dir.resolve(SoakAnalysis.HEAP_FIRST);
    int looks = plan.ms() / wanted.everyMs();
    for (int i = 0; i < looks && load.isAlive(); i++) {
      long dueMs = wanted.everyMs() * (long) i + wanted.everyMs() / 2;
      run.stop.pause(dueMs - (System.nanoTime() - fromNs) / 1_000_000);
      requireAlive(server.process());
      progress.step(String.format(Locale.ROOT, "look %d of %d", i + 1, looks), i + 1);
      SoakSample look =
          look(server, (System.nanoTime() - fromNs) / 1e9, dir.resolve(SoakAnalysis.HEAP_LAST));
      Files.writeString(
          SoakAnalysis.looks(run.layout.out(), server.name()),
          Json.LINE.writeValueAsString(look) + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
      if (dueMs >= wanted.warmupMs() && Files.notExists(first) && look.heapBytes() != null) {
        Files.copy(dir.resolve(SoakAnalysis.HEAP_LAST), first, StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  private static void requireAlive(ChildProcess child) throws MeasurementException {
    if (!child.isAlive()) {
      throw new MeasurementException(child.name + " " + child.ending() + ".", child.lastLogLines());
    }
  }

  /** Reads the heap last: that stops the server, and arrivals meanwhile open more sockets. */
  private SoakSample look(TestBed.Server server, double seconds, Path histogram)
      throws InterruptedException {
    ProcessHandle process = server.process().handle();
    Integer openFiles = ProcessSampler.openFiles(process);
    Sample.ProcessUse use = ProcessSampler.process(process);
    Sample.Census census = census();
    String metrics =
        run.http.textOrNull(LoopbackAddress.url(settings.managementPort()) + "/metrics");
    return new SoakSample(
        Numbers.round(seconds, 3),
        HeapProbe.liveBytes(process, histogram),
        openFiles,
        use.osThreads(),
        census == null || census.virtualThreads() == null ? null : census.virtualThreads().live(),
        use.rssKiB() == null ? null : use.rssKiB() * 1024,
        metric(metrics, "jvm_memory_used_bytes", "Metaspace"),
        metric(metrics, "jvm_buffer_memory_used_bytes", "direct"),
        census == null || census.requests() == null ? null : census.requests().inFlight(),
        census == null || census.requests() == null ? null : census.requests().started());
  }

  private Sample.Census census() throws InterruptedException {
    return run.http.get(
        LoopbackAddress.url(settings.managementPort()) + "/threads", Sample.Census.class);
  }

  /** Null where there is none. */
  static Long metric(String metrics, String name, String id) {
    Matcher line =
        Pattern.compile("(?m)^" + name + "\\{[^}]*id=\"" + id + "\"[^}]*} (\\S+)$")
            .matcher(metrics == null ? "" : metrics);
    return line.find() ? (Long) (long) Double.parseDouble(line.group(1)) : null;
  }

  /**
   * Reads the server while it has no load.
   *
   * @param before the state to wait for, within a limit of time; null where it is enough that no
   *     request is in flight
   */
  private IdleState rest(TestBed.Server server, Path histogram, IdleState before)
      throws InterruptedException, MeasurementException {
    long fromNs = System.nanoTime();
    run.stop.pause(SETTLE_MS);
    ProcessHandle process = server.process().handle();
    while (true) {
      requireAlive(server.process());
      Sample.Census census = census();
      IdleState now =
          new IdleState(
              census == null || census.requests() == null ? null : census.requests().inFlight(),
              ProcessSampler.openFiles(process),
              ProcessSampler.process(process).osThreads(),
              null,
              (System.nanoTime() - fromNs) / 1_000_000,
              true);
      boolean back = now.isBackTo(before);
      if (back || now.afterMs() > REST_MS) {
        return now.with(HeapProbe.liveBytes(process, histogram), back);
      }
      run.stop.pause(POLL_MS);
    }
  }
}
