package dev.handlermodels.loadtests.bench.scenario.throughput;

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
import dev.handlermodels.loadtests.bench.scenario.throughput.ThroughputAnalysis.Kind;
import dev.handlermodels.loadtests.bench.scenario.throughput.ThroughputAnalysis.Round;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import dev.handlermodels.loadtests.load.Json;
import dev.handlermodels.loadtests.load.KeepAliveLoad;
import dev.handlermodels.loadtests.load.KeepAliveLoad.Plan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Our server and the bare framework side by side, loaded in turn: A B A B. The one that is not
 * loaded sleeps.
 */
public final class ThroughputRun {
  public static final int CONNECTIONS = 64;

  private static final long READY_WITHIN_MS = 20_000;
  private static final long POLL_MS = 20;
  private static final long BESIDE_THE_PLAN_MS = 20_000;

  private final BenchRun session;
  private final LoopbackClient loopback;
  private final Settings settings;
  private final Progress progress;
  private final int rounds;
  private final int warmupMs;
  private final int windowMs;

  ThroughputRun(
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

  /** All rounds of one server. */
  List<Round> run(String server) throws IOException, InterruptedException, MeasurementException {
    Path dir = Files.createDirectories(session.layout.out().resolve(server));
    try {
      ChildProcess ours =
          start(
              "The server",
              Commands.server(server, settings),
              Commands.serverEnvironment(settings),
              dir.resolve("ours.log"));
      awaitReady(ours, settings.port(), "/health/ready");
      Path body = dir.resolve("body.json");
      Files.writeString(body, loopback.text(LoopbackAddress.url(settings.port()) + "/"));
      // Nothing calls an upstream here, so its port is free.
      ChildProcess bare =
          start(
              "The bare framework",
              Commands.bare(server, settings),
              Map.of(
                  "PORT", Integer.toString(settings.upstreamPort()), "BODY_FILE", body.toString()),
              dir.resolve("bare.log"));
      awaitReady(bare, settings.upstreamPort(), "/");
      return rounds(server, ours, bare, dir);
    } finally {
      session.children.stopAll();
    }
  }

  private List<Round> rounds(String server, ChildProcess ours, ChildProcess bare, Path dir)
      throws IOException, InterruptedException, MeasurementException {
    load(ours, settings.port(), warmupMs, dir.resolve("warm-up-ours.json"));
    load(bare, settings.upstreamPort(), warmupMs, dir.resolve("warm-up-bare.json"));
    List<Round> done = new ArrayList<>();
    for (int round = 1; round <= rounds; round++) {
      progress.phase("round %d of %d".formatted(round, rounds));
      done.add(round(server, Kind.OURS, round, ours, settings.port(), dir));
      done.add(round(server, Kind.BARE, round, bare, settings.upstreamPort(), dir));
    }
    return done;
  }

  private Round round(String server, Kind kind, int round, ChildProcess process, int port, Path dir)
      throws IOException, InterruptedException, MeasurementException {
    Duration before = cpu(process);
    MachineUse machineBefore = ProcessSampler.machine();
    KeepAliveLoad.Outcome outcome =
        load(process, port, windowMs, dir.resolve("%s-%d.json".formatted(kind, round)));
    Duration after = cpu(process);
    MachineUse machineAfter = ProcessSampler.machine();
    Double cpuUs =
        before == null || after == null
            ? null
            : Numbers.round(after.minus(before).toNanos() / 1000.0 / outcome.requests(), 2);
    return new Round(
        server,
        kind,
        round,
        outcome,
        cpuUs,
        otherCores(machineBefore, machineAfter, cpuUs, outcome));
  }

  /** The whole machine's busy time, less what server and generator used of it. */
  public static Double otherCores(
      MachineUse before, MachineUse after, Double cpuUs, KeepAliveLoad.Outcome outcome) {
    if (before == null || after == null || cpuUs == null) {
      return null;
    }
    double ticks = Math.max(1, after.totalTicks() - before.totalTicks());
    int cores = Runtime.getRuntime().availableProcessors();
    double busy = (after.busyTicks() - before.busyTicks()) / ticks * cores;
    double server = cpuUs * outcome.perSecond() / 1e6;
    return Numbers.round(Math.max(0, busy - server - outcome.cores()), 2);
  }

  public static Duration cpu(ChildProcess process) {
    return process.handle().info().totalCpuDuration().orElse(null);
  }

  /**
   * Each load starts with a second that does not count: connecting, and a generator not yet warm.
   */
  private KeepAliveLoad.Outcome load(ChildProcess server, int port, int ms, Path outcome)
      throws IOException, InterruptedException, MeasurementException {
    return load(session, server, new Plan(port, "/", CONNECTIONS, 0, 1000, ms), outcome);
  }

  public static KeepAliveLoad.Outcome load(
      BenchRun session, ChildProcess server, Plan plan, Path outcome)
      throws IOException, InterruptedException, MeasurementException {
    Path log = outcome.resolveSibling(outcome.getFileName() + ".log");
    ChildProcess load =
        session.children.start(
            "The second load generator", Commands.keepAliveLoad(plan, outcome), Map.of(), log);
    long untilNs =
        System.nanoTime() + (plan.warmupMs() + plan.windowMs() + BESIDE_THE_PLAN_MS) * 1_000_000;
    while (load.isAlive() && server.isAlive() && System.nanoTime() < untilNs) {
      session.stop.pause(POLL_MS);
    }
    session.children.stop(load);
    if (Files.notExists(outcome)) {
      throw new MeasurementException(
          "The second load generator " + load.ending() + " without an outcome.",
          load.lastLogLines());
    }
    return Json.read(outcome, KeepAliveLoad.Outcome.class);
  }

  private ChildProcess start(
      String name, List<String> command, Map<String, String> environment, Path log)
      throws IOException {
    progress.phase("start");
    return session.children.start(name, command, environment, log);
  }

  private void awaitReady(ChildProcess child, int port, String path)
      throws InterruptedException, MeasurementException {
    awaitReady(session, loopback, child, LoopbackAddress.url(port) + path);
  }

  public static void awaitReady(
      BenchRun session, LoopbackClient loopback, ChildProcess child, String url)
      throws InterruptedException, MeasurementException {
    long untilNs = System.nanoTime() + READY_WITHIN_MS * 1_000_000;
    while (!loopback.answers(url)) {
      if (!child.isAlive() || System.nanoTime() > untilNs) {
        throw new MeasurementException(
            child.name + " " + child.ending() + " and is not ready.", child.lastLogLines());
      }
      session.stop.pause(POLL_MS);
    }
  }
}
