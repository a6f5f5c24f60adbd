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
import dev.handlermodels.loadtests.load.DataFileSwap;
import dev.handlermodels.loadtests.load.HostileLoad;
import dev.handlermodels.loadtests.load.KeepAliveLoad;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Measures one server under one attack after the other, while good clients continue. */
record HostileRun(BenchRun run, Settings settings, Progress progress, Times times) {
  private static final int EVERY_MS = 1000;
  private static final int WARMUP_MS = 4_000;
  private static final int SECOND_WARMUP_MS = 1_000;
  private static final int PATIENCE_MS = 5_000;
  private static final long SAMPLE_MS = 100;

  /** A server closes connections to its upstream that have been idle for 10 s. */
  private static final long CLOSED_WITHIN_MS = 15_000;

  private static final long NEWCOMER_WITHIN_MS = 10_000;
  private static final long EXIT_WITHIN_MS = 2_000;

  /** That of jvm.options needs no flags of the bench's own. */
  private static final int DEFAULT_HEAP_MIB = 256;

  /** The upstream must not be what ends. */
  private static final int UPSTREAM_HEAP_MIB = 1024;

  /** Descriptors of a server whose attackers take all of them. */
  private static final int FEW_FILES = 256;

  /**
   * The descriptors that good clients and the server's pools may have open beside the attackers'.
   */
  private static final int NOT_HOSTILE = 50;

  /**
   * How long good clients are measured.
   *
   * @param besideMs as long as the attack goes on
   */
  record Times(int aloneMs, int besideMs) {}

  /** A fresh server for each attack, so that memory is what this one costs. */
  Measured run(String name, Attack attack, int heapMiB)
      throws IOException, InterruptedException, MeasurementException {
    Path dir = run.folder(String.format(Locale.ROOT, "%s-%s-%d", name, attack.id(), heapMiB));
    progress.phase("start");
    new TestBed(run, settings.measuringHeap(UPSTREAM_HEAP_MIB, 1)).upstream(dir);
    Path dataFile = attack == Attack.DATA_FILE ? dir.resolve("data.json") : null;
    TestBed.Server server = server(name, attack, heapMiB, dataFile, dir);
    progress.phase("alone");
    KeepAliveLoad.Outcome alone =
        good(server, WARMUP_MS, times.aloneMs(), dir.resolve("alone.json"))
            .await(server.process(), WARMUP_MS + times.aloneMs(), KeepAliveLoad.Outcome.class);
    progress.phase("beside");
    return new Siege(server, attack, heapMiB, dataFile, dir).run(alone);
  }

  private TestBed.Server server(String name, Attack attack, int heapMiB, Path dataFile, Path dir)
      throws IOException, InterruptedException, MeasurementException {
    Settings own = heapMiB == DEFAULT_HEAP_MIB ? settings : settings.measuringHeap(heapMiB, 1);
    List<String> command = Commands.server(name, own);
    Map<String, String> environment = new HashMap<>(Commands.plainServerEnvironment(own));
    if (HostileAnalysis.isClosedOnTime(attack) || attack == Attack.IDLE) {
      environment.putAll(limits(HostileAnalysis.limitMs(attack, times.besideMs())));
    }
    environment.putAll(HostileAnalysis.ownSettings(attack));
    if (dataFile != null) {
      DataFileSwap.restore(dataFile);
      environment.put("DATA_FILE", dataFile.toString());
    }
    if (attack == Attack.DESCRIPTORS) {
      command = Commands.withFiles(FEW_FILES, command);
    }
    return new TestBed(run, own).server(name, dir, command, environment);
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

  private LoadProcess good(TestBed.Server server, int warmupMs, int forMs, Path outcome)
      throws IOException {
    KeepAliveLoad.Plan plan =
        new KeepAliveLoad.Plan(
            server.port(),
            "/io?waitMs=" + settings.waitMs(),
            settings.users(),
            0,
            warmupMs,
            forMs,
            0,
            PATIENCE_MS);
    return LoadProcess.start(run, "The good clients", plan, outcome);
  }

  /** One attack on a server that has been measured alone. */
  private final class Siege {
    private final TestBed.Server server;
    private final Attack attack;
    private final int heapMiB;
    private final Path dataFile;
    private final Path dir;

    Siege(TestBed.Server server, Attack attack, int heapMiB, Path dataFile, Path dir) {
      this.server = server;
      this.attack = attack;
      this.heapMiB = heapMiB;
      this.dataFile = dataFile;
      this.dir = dir;
    }

    Measured run(KeepAliveLoad.Outcome alone)
        throws IOException, InterruptedException, MeasurementException {
      Reading before = reading("heap-before.txt");
      int goodMs = HostileAnalysis.windowMs(attack, times.besideMs());
      LoadProcess good = good(server, SECOND_WARMUP_MS, goodMs, dir.resolve("good.json"));
      run.stop.pause(SECOND_WARMUP_MS);
      boolean looksAtHeap = attack == Attack.IDLE || attack == Attack.IDLE_SILENT;
      int hostileMs = looksAtHeap ? goodMs + HostileAnalysis.HEAP_PROBE_MS : goodMs;
      AttackWatch watch = new AttackWatch(before, System.nanoTime());
      LoadProcess hostile = hostile(hostileMs);
      Long heapBytes = null;
      while (hostile.process.isAlive() && server.process().isAlive() && !watch.isLate(hostileMs)) {
        watch.look(server);
        if (looksAtHeap && heapBytes == null && !good.process.isAlive()) {
          // It stops the server, so the good clients have to be gone.
          heapBytes = HeapProbe.liveBytes(server.process().handle(), dir.resolve("heap-idle.txt"));
        }
        run.stop.pause(SAMPLE_MS);
      }
      HostileLoad.Outcome came = outcome(hostile, HostileLoad.Outcome.class);
      Long newcomerMs = newcomerMs();
      KeepAliveLoad.Outcome beside = outcome(good, KeepAliveLoad.Outcome.class);
      awaitClosed(before);
      Reading after = reading("heap-after.txt");
      // A JVM that is about to end for lack of memory may take a moment.
      server.process().awaitExit(newcomerMs == null ? EXIT_WITHIN_MS : 0);
      return new Measured(
          server.name(),
          attack,
          heapMiB,
          HostileAnalysis.limitMs(attack, times.besideMs()),
          alone,
          beside,
          came,
          watch.held(),
          server.process().isAlive() ? watch.goneAfterMs : null,
          watch.kernelBytes(),
          newcomerMs,
          before,
          watch.peak.withHeap(heapBytes),
          after,
          server.process().exitCode());
    }

    private LoadProcess hostile(int forMs) throws IOException {
      HostileLoad.Plan plan =
          new HostileLoad.Plan(
              server.port(),
              attack,
              attack.connections(),
              EVERY_MS,
              forMs,
              dataFile == null ? null : dataFile.toString());
      Path outcome = dir.resolve("hostile.json");
      return LoadProcess.start(
          run,
          "The hostile clients",
          Commands.hostileLoad(plan, outcome),
          outcome,
          dir.resolve("hostile.log"));
    }

    /** Null where the server ended before the load had an outcome. */
    private <T> T outcome(LoadProcess load, Class<T> type)
        throws IOException, InterruptedException, MeasurementException {
      try {
        return load.await(server.process(), times.besideMs(), type);
      } catch (MeasurementException e) {
        if (run.stop.isAsked() || server.process().isAlive()) {
          throw e;
        }
        return null;
      }
    }

    private Long newcomerMs() throws InterruptedException, MeasurementException {
      long fromNs = System.nanoTime();
      while (server.process().isAlive()) {
        long ms = (System.nanoTime() - fromNs) / 1_000_000;
        if (Newcomer.isAnswered(server.port())) {
          return ms;
        }
        if (ms > NEWCOMER_WITHIN_MS) {
          return null;
        }
        run.stop.pause(SAMPLE_MS);
      }
      return null;
    }

    /** Waits until a server has closed its thousands of connections. */
    private void awaitClosed(Reading before) throws InterruptedException, MeasurementException {
      long untilNs = System.nanoTime() + CLOSED_WITHIN_MS * 1_000_000;
      while (System.nanoTime() < untilNs) {
        Integer open = Reading.of(server.process().handle(), null).openFiles();
        if (open == null
            || before.openFiles() == null
            || open <= before.openFiles() + NOT_HOSTILE) {
          return;
        }
        run.stop.pause(SAMPLE_MS);
      }
    }

    private Reading reading(String histogram) throws InterruptedException {
      ProcessHandle process = server.process().handle();
      return Reading.of(process, HeapProbe.liveBytes(process, dir.resolve(histogram)));
    }
  }

  /**
   * Counts the server's open descriptors from outside: a client that does not read cannot see that
   * its connection ended.
   */
  private static final class AttackWatch {
    private final Reading before;
    private final long fromNs;
    private final Long kernelBefore = TcpMemory.bytes();
    private Long kernelPeak = kernelBefore;
    private Reading peak;
    private Long goneAfterMs;

    AttackWatch(Reading before, long fromNs) {
      this.before = before;
      this.fromNs = fromNs;
      this.peak = before;
    }

    boolean isLate(int plannedMs) {
      return System.nanoTime() - fromNs > (plannedMs + LoadProcess.BEYOND_PLAN_MS) * 1_000_000;
    }

    void look(TestBed.Server server) {
      Long kernel = TcpMemory.bytes();
      if (kernel != null && kernelPeak != null) {
        kernelPeak = Math.max(kernel, kernelPeak);
      }
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

    private Long kernelBytes() {
      return kernelBefore == null || kernelPeak == null ? null : kernelPeak - kernelBefore;
    }
  }
}
