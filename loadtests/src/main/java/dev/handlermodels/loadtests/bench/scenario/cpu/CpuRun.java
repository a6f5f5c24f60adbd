package dev.handlermodels.loadtests.bench.scenario.cpu;

import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.process.BenchRun;
import dev.handlermodels.loadtests.bench.process.ChildProcess;
import dev.handlermodels.loadtests.bench.process.Commands;
import dev.handlermodels.loadtests.bench.process.LoopbackClient;
import dev.handlermodels.loadtests.bench.process.MeasurementException;
import dev.handlermodels.loadtests.bench.process.Progress;
import dev.handlermodels.loadtests.bench.process.TestBed;
import dev.handlermodels.loadtests.bench.sampling.CpuTimes;
import dev.handlermodels.loadtests.bench.scenario.cpu.CpuAnalysis.Beside;
import dev.handlermodels.loadtests.bench.scenario.cpu.CpuAnalysis.Measured;
import dev.handlermodels.loadtests.load.Json;
import dev.handlermodels.loadtests.load.KeepAliveLoad.Outcome;
import dev.handlermodels.loadtests.load.KeepAliveLoad.Plan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/** One server under /io, alone or beside a second load that computes. */
final class CpuRun {
  private static final long POLL_MS = 20;
  private static final long BESIDE_THE_PLAN_MS = 20_000;

  /** The second load goes on for so long, so that /io is never measured without it. */
  private static final int TAIL_MS = 2_000;

  private final BenchRun session;
  private final LoopbackClient loopback;
  private final Settings settings;
  private final Progress progress;
  private int ioUsers;
  private String io;
  private int cpuUsers;
  private String work;
  private int warmupMs;
  private int windowMs;

  CpuRun(BenchRun session, LoopbackClient loopback, Settings settings, Progress progress) {
    this.session = session;
    this.loopback = loopback;
    this.settings = settings;
    this.progress = progress;
  }

  CpuRun load(int usersOfIo, String ioTarget, int usersOfCpu, String workQuery) {
    ioUsers = usersOfIo;
    io = ioTarget;
    cpuUsers = usersOfCpu;
    work = workQuery;
    return this;
  }

  CpuRun lasting(int warmup, int window) {
    warmupMs = warmup;
    windowMs = window;
    return this;
  }

  Measured run(String name, Beside beside)
      throws IOException, InterruptedException, MeasurementException {
    Path dir =
        Files.createDirectories(
            session
                .layout
                .out()
                .resolve("rows")
                .resolve(name + "-" + beside.name().toLowerCase(Locale.ROOT)));
    progress.phase("start");
    TestBed stage = new TestBed(session, loopback, settings);
    try {
      ChildProcess upstream = stage.upstream(dir);
      TestBed.Server server = stage.server(name, dir);
      progress.phase("load");
      return measure(server, upstream, beside, dir);
    } finally {
      session.children.stopAll();
    }
  }

  private Measured measure(TestBed.Server server, ChildProcess upstream, Beside beside, Path dir)
      throws IOException, InterruptedException, MeasurementException {
    Path ioOutcome = dir.resolve("io.json");
    Path cpuOutcome = dir.resolve("cpu.json");
    ChildProcess cpuLoad =
        beside == Beside.NOTHING
            ? null
            : start(
                new Plan(
                    server.port(), beside.path + work, cpuUsers, 0, warmupMs, windowMs + TAIL_MS),
                cpuOutcome);
    ChildProcess ioLoad =
        start(new Plan(server.port(), io, ioUsers, warmupMs / 4, warmupMs, windowMs), ioOutcome);
    session.stop.pause(warmupMs);
    CpuTimes before = CpuTimes.of(server, upstream);
    session.stop.pause(windowMs);
    CpuTimes after = CpuTimes.of(server, upstream);
    Outcome ioResult = outcome(ioLoad, server, ioOutcome);
    Outcome cpuResult = cpuLoad == null ? null : outcome(cpuLoad, server, cpuOutcome);
    double generators = ioResult.cores() + (cpuResult == null ? 0 : cpuResult.cores());
    return new Measured(
        server.name(),
        beside,
        ioResult,
        cpuResult,
        before.serverCores(after),
        before.otherCores(after, generators));
  }

  private ChildProcess start(Plan plan, Path outcome) throws IOException {
    return session.children.start(
        "The load of " + plan.path(),
        Commands.keepAliveLoad(plan, outcome),
        Map.of(),
        outcome.resolveSibling(outcome.getFileName() + ".log"));
  }

  private Outcome outcome(ChildProcess load, TestBed.Server server, Path file)
      throws IOException, InterruptedException, MeasurementException {
    long untilNs = System.nanoTime() + BESIDE_THE_PLAN_MS * 1_000_000;
    while (load.isAlive() && server.process().isAlive() && System.nanoTime() < untilNs) {
      session.stop.pause(POLL_MS);
    }
    session.children.stop(load);
    if (Files.notExists(file)) {
      throw new MeasurementException(
          load.name + " " + load.ending() + " without an outcome.", load.lastLogLines());
    }
    return Json.read(file, Outcome.class);
  }
}
