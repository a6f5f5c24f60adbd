package dev.handlermodels.loadtests.bench.scenario.hostile;

import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.process.BenchRun;
import dev.handlermodels.loadtests.bench.process.Commands;
import dev.handlermodels.loadtests.bench.process.LoadProcess;
import dev.handlermodels.loadtests.bench.process.MeasurementException;
import dev.handlermodels.loadtests.bench.process.Progress;
import dev.handlermodels.loadtests.bench.process.TestBed;
import dev.handlermodels.loadtests.bench.sampling.HeapProbe;
import dev.handlermodels.loadtests.bench.scenario.hostile.HostileAnalysis.Measured;
import dev.handlermodels.loadtests.bench.scenario.hostile.HostileAnalysis.Reading;
import dev.handlermodels.loadtests.load.Attack;
import dev.handlermodels.loadtests.load.HostileLoad;
import dev.handlermodels.loadtests.load.KeepAliveLoad;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/** Measures one server under one attack after the other, while good clients continue. */
record HostileRun(BenchRun run, Settings settings, Progress progress, int windowMs) {
  private static final int EVERY_MS = 1000;
  private static final int WARMUP_MS = 5_000;
  private static final long SAMPLE_MS = 100;
  private static final long CLOSED_WITHIN_MS = 5_000;

  /**
   * The descriptors that good clients and the server's pools may have open beside the attackers'.
   */
  private static final int NOT_HOSTILE = 50;

  /** A fresh server for each attack, so that memory is what this one costs. */
  Measured run(String name, Attack attack)
      throws IOException, InterruptedException, MeasurementException {
    Path dir = run.folder(name + "-" + attack.name().toLowerCase(Locale.ROOT).replace('_', '-'));
    TestBed testBed = new TestBed(run, settings);
    progress.phase("start");
    testBed.upstream(dir);
    TestBed.Server server = testBed.server(name, dir, limits(HostileAnalysis.limitMs(windowMs)));
    progress.phase("alone");
    Path alone = dir.resolve("alone.json");
    LoadProcess good = good(server, HostileAnalysis.windowMs(attack, windowMs), alone);
    KeepAliveLoad.Outcome before =
        good.await(server.process(), windowMs, KeepAliveLoad.Outcome.class);
    progress.phase("beside " + HostileAnalysis.label(attack));
    return attack(server, attack, before, dir);
  }

  private static Map<String, String> limits(int limitMs) {
    String ms = Integer.toString(limitMs);
    return Map.of(
        "HEADER_TIMEOUT_MS", ms,
        "REQUEST_TIMEOUT_MS", ms,
        "ANSWER_TIMEOUT_MS", ms,
        "IDLE_TIMEOUT_MS", ms,
        // Both have to be shorter than IDLE_TIMEOUT_MS.
        "UPSTREAM_TIMEOUT_MS", Integer.toString(limitMs / 2),
        "STREAM_HEARTBEAT_MS", Integer.toString(limitMs / 2));
  }

  private Measured attack(
      TestBed.Server server, Attack attack, KeepAliveLoad.Outcome alone, Path dir)
      throws IOException, InterruptedException, MeasurementException {
    Reading before = reading(server, dir.resolve("heap-before.txt"));
    Path goodFile = dir.resolve("good.json");
    Path hostileFile = dir.resolve("hostile.json");
    int goodMs = HostileAnalysis.windowMs(attack, windowMs);
    LoadProcess good = good(server, goodMs, goodFile);
    run.stop.pause(WARMUP_MS);
    int hostileMs = attack == Attack.IDLE ? goodMs + HostileAnalysis.HEAP_PROBE_MS : goodMs;
    HostileLoad.Plan plan =
        new HostileLoad.Plan(
            server.port(), attack, HostileAnalysis.connections(attack), EVERY_MS, hostileMs, null);
    long fromNs = System.nanoTime();
    LoadProcess hostile =
        LoadProcess.start(
            run,
            "The hostile clients",
            Commands.hostileLoad(plan, hostileFile),
            hostileFile,
            dir.resolve("hostile.log"));
    ConnectionWatch watch = new ConnectionWatch(before, fromNs);
    Long heapBytes = null;
    while (hostile.process.isAlive() && server.process().isAlive() && !isLate(fromNs)) {
      watch.look(server);
      if (attack == Attack.IDLE && heapBytes == null && !good.process.isAlive()) {
        // It stops the server, so the good clients have to be gone.
        heapBytes = HeapProbe.liveBytes(server.process().handle(), dir.resolve("heap-idle.txt"));
      }
      run.stop.pause(SAMPLE_MS);
    }
    HostileLoad.Outcome came = hostile.await(server.process(), windowMs, HostileLoad.Outcome.class);
    KeepAliveLoad.Outcome beside =
        good.await(server.process(), windowMs, KeepAliveLoad.Outcome.class);
    awaitClosed(server, before);
    Reading after = reading(server, dir.resolve("heap-after.txt"));
    return new Measured(
        server.name(),
        attack,
        HostileAnalysis.limitMs(windowMs),
        alone,
        beside,
        came,
        watch.held(),
        watch.goneAfterMs,
        before,
        watch.peak.withHeap(heapBytes),
        after);
  }

  /** Waits until a server has closed its thousands of connections. */
  private void awaitClosed(TestBed.Server server, Reading before)
      throws InterruptedException, MeasurementException {
    long untilNs = System.nanoTime() + CLOSED_WITHIN_MS * 1_000_000;
    while (System.nanoTime() < untilNs
        && before.openFiles() != null
        && Reading.of(server.process().handle(), null).openFiles()
            > before.openFiles() + NOT_HOSTILE) {
      run.stop.pause(SAMPLE_MS);
    }
  }

  private boolean isLate(long fromNs) {
    return System.nanoTime() - fromNs > (windowMs + LoadProcess.BEYOND_PLAN_MS) * 1_000_000;
  }

  /**
   * Counts the server's open descriptors from outside: a client that does not read cannot see that
   * its connection ended.
   */
  private static final class ConnectionWatch {
    private final Reading before;
    private final long fromNs;
    private Reading peak;
    private Long goneAfterMs;

    ConnectionWatch(Reading before, long fromNs) {
      this.before = before;
      this.fromNs = fromNs;
      this.peak = before;
    }

    void look(TestBed.Server server) {
      Reading now = Reading.of(server.process().handle(), null);
      if (now.openFiles() == null || peak.openFiles() == null) {
        return;
      }
      if (now.openFiles() > peak.openFiles()) {
        peak = now;
      }
      boolean came = held() > NOT_HOSTILE;
      boolean isGone = now.openFiles() - before.openFiles() <= NOT_HOSTILE;
      if (came && isGone && goneAfterMs == null) {
        goneAfterMs = (System.nanoTime() - fromNs) / 1_000_000;
      }
    }

    private Integer held() {
      return peak.openFiles() == null ? null : peak.openFiles() - before.openFiles();
    }
  }

  /** Warm-up, then a window as long as the attack. */
  private LoadProcess good(TestBed.Server server, int forMs, Path outcome) throws IOException {
    KeepAliveLoad.Plan plan =
        new KeepAliveLoad.Plan(
            server.port(),
            "/io?waitMs=" + settings.waitMs(),
            settings.users(),
            0,
            WARMUP_MS,
            forMs);
    return LoadProcess.start(run, "The good clients", plan, outcome);
  }

  private static Reading reading(TestBed.Server server, Path histogram)
      throws InterruptedException {
    ProcessHandle process = server.process().handle();
    return Reading.of(process, HeapProbe.liveBytes(process, histogram));
  }
}
