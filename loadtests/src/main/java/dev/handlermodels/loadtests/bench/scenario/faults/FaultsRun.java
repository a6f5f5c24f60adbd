package dev.handlermodels.loadtests.bench.scenario.faults;

import dev.handlermodels.loadtests.bench.config.LoopbackAddress;
import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.process.BenchRun;
import dev.handlermodels.loadtests.bench.process.ChildProcess;
import dev.handlermodels.loadtests.bench.process.Commands;
import dev.handlermodels.loadtests.bench.process.LoadProcess;
import dev.handlermodels.loadtests.bench.process.MeasurementException;
import dev.handlermodels.loadtests.bench.process.Progress;
import dev.handlermodels.loadtests.bench.process.TestBed;
import dev.handlermodels.loadtests.bench.sampling.CpuTimes;
import dev.handlermodels.loadtests.bench.scenario.faults.FaultsAnalysis.Fault;
import dev.handlermodels.loadtests.bench.scenario.faults.FaultsAnalysis.FaultWindow;
import dev.handlermodels.loadtests.bench.scenario.faults.FaultsAnalysis.Measured;
import dev.handlermodels.loadtests.bench.scenario.faults.FaultsAnalysis.UpstreamCalls;
import dev.handlermodels.loadtests.load.ArrivalLoad;
import dev.handlermodels.loadtests.load.ArrivalLoad.Step;
import dev.handlermodels.loadtests.load.KeepAliveLoad;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/** Measures one server while its upstream fails in one way after the other. */
record FaultsRun(BenchRun run, Settings settings, Progress progress, boolean quick) {
  /**
   * With the time-out below, at most 25 calls wait at once, which a pool of 40 threads can hold.
   */
  static final int RATE = 50;

  static final int WAIT_MS = 20;

  static final Map<String, String> ENVIRONMENT =
      Map.of(
          "UPSTREAM_TIMEOUT_MS", "500",
          "UPSTREAM_RETRY_PERCENT", "10",
          "UPSTREAM_BREAKER_PERCENT", "50",
          "UPSTREAM_BREAKER_CALLS", "20",
          "UPSTREAM_BREAKER_OPEN_MS", "1000");

  private static final long POLL_MS = 5;
  private static final int TIMEOUT_MS = 5_000;
  private static final int WARMUP_USERS = 8;
  private static final int WARMUP_MS = 4_000;

  int calmMs() {
    return quick ? 1_000 : 2_000;
  }

  int faultMs() {
    return quick ? 2_500 : 4_000;
  }

  int afterMs() {
    return quick ? 4_000 : 6_000;
  }

  private int allMs() {
    return Fault.values().length * (calmMs() + faultMs() + afterMs());
  }

  Measured run(String name) throws IOException, InterruptedException, MeasurementException {
    Path dir = run.folder(name);
    progress.phase("start");
    TestBed testBed = new TestBed(run, settings);
    ChildProcess upstream = testBed.upstream(dir);
    TestBed.Server server = testBed.server(name, dir, ENVIRONMENT);
    progress.phase("warm-up");
    for (String path : List.of("/io?waitMs=" + WAIT_MS, "/")) {
      LoadProcess.run(
          run,
          server.process(),
          new KeepAliveLoad.Plan(server.port(), path, WARMUP_USERS, 0, WARMUP_MS - 100, 100),
          dir.resolve("warm-up.json"));
    }
    return measure(server, upstream, dir);
  }

  private Measured measure(TestBed.Server server, ChildProcess upstream, Path dir)
      throws IOException, InterruptedException, MeasurementException {
    CpuTimes before = CpuTimes.of(server, upstream);
    Generator io = start(server, "/io?waitMs=" + WAIT_MS, dir.resolve("io.json"));
    Generator root = start(server, "/", dir.resolve("root.json"));
    List<FaultWindow> struck = new ArrayList<>();
    long dueNs = System.nanoTime();
    for (Fault fault : Fault.values()) {
      progress.phase(fault.label());
      dueNs += calmMs() * 1_000_000L;
      pauseUntil(dueNs);
      UpstreamCalls callsBefore = calls();
      upstream(
          String.format(
              Locale.ROOT, "kind=%s&slowMs=%d&every=%d", fault.kind, fault.slowMs, fault.every));
      long fromNs = System.nanoTime();
      dueNs += faultMs() * 1_000_000L;
      pauseUntil(dueNs);
      upstream("kind=none");
      long toNs = System.nanoTime();
      dueNs += afterMs() * 1_000_000L;
      pauseUntil(dueNs);
      struck.add(
          new FaultWindow(
              fault,
              io.ms(fromNs),
              io.ms(toNs),
              root.ms(fromNs),
              root.ms(toNs),
              callsBefore.until(calls())));
    }
    ArrivalLoad.Outcome ofIo = io.outcome(server);
    ArrivalLoad.Outcome ofRoot = root.outcome(server);
    CpuTimes after = CpuTimes.of(server, upstream);
    return new Measured(
        server.name(),
        struck,
        ofIo,
        ofRoot,
        before.otherCores(after, ofIo.cores() + ofRoot.cores()));
  }

  private void pauseUntil(long ns) throws InterruptedException, MeasurementException {
    run.stop.pause((ns - System.nanoTime()) / 1_000_000);
  }

  private void upstream(String fault) throws InterruptedException, MeasurementException {
    if (!run.http.put(LoopbackAddress.url(settings.upstreamPort()) + "/fault?" + fault)) {
      throw new MeasurementException(
          "The upstream did not take the fault " + fault + ".", List.of());
    }
  }

  /** As the server itself counts them. */
  private UpstreamCalls calls() throws IOException, InterruptedException {
    String metrics = run.http.text(LoopbackAddress.url(settings.managementPort()) + "/metrics");
    return new UpstreamCalls(
        sum(metrics, "upstream_calls_total"),
        sum(metrics, "upstream_retries_total"),
        sum(metrics, "upstream_not_asked_total"));
  }

  static long sum(String metrics, String name) {
    return Pattern.compile("(?m)^" + name + "\\{.*} (\\S+)$")
        .matcher(metrics)
        .results()
        .mapToLong(line -> (long) Double.parseDouble(line.group(1)))
        .sum();
  }

  private Generator start(TestBed.Server server, String path, Path outcome)
      throws IOException, InterruptedException, MeasurementException {
    // Longer than the faults, so that the last of them has an "after" to the end.
    ArrivalLoad.Plan plan =
        new ArrivalLoad.Plan(
            server.port(), path, 0, TIMEOUT_MS, List.of(new Step(RATE, allMs() + 3_000)));
    LoadProcess load =
        LoadProcess.start(run, "The load of " + path, Commands.arrivalLoad(plan, outcome), outcome);
    ChildProcess process = load.process;
    Path began = ArrivalLoad.began(outcome);
    while (Files.notExists(began)) {
      if (!process.isAlive()) {
        throw new MeasurementException(
            process.name + " " + process.ending() + ".", process.lastLogLines());
      }
      run.stop.pause(POLL_MS);
    }
    return new Generator(load, System.nanoTime());
  }

  /**
   * A load that runs.
   *
   * @param beganNs when its first arrival was due
   */
  private record Generator(LoadProcess load, long beganNs) {
    /** Milliseconds since its first arrival. */
    int ms(long ns) {
      return (int) ((ns - beganNs) / 1_000_000);
    }

    ArrivalLoad.Outcome outcome(TestBed.Server server)
        throws IOException, InterruptedException, MeasurementException {
      return load.await(server.process(), TIMEOUT_MS, ArrivalLoad.Outcome.class);
    }
  }
}
