package dev.handlermodels.loadtests.bench.scenario.cpu;

import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.process.BenchRun;
import dev.handlermodels.loadtests.bench.process.ChildProcess;
import dev.handlermodels.loadtests.bench.process.LoadProcess;
import dev.handlermodels.loadtests.bench.process.MeasurementException;
import dev.handlermodels.loadtests.bench.process.Progress;
import dev.handlermodels.loadtests.bench.process.TestBed;
import dev.handlermodels.loadtests.bench.sampling.CpuTimes;
import dev.handlermodels.loadtests.bench.scenario.cpu.CpuAnalysis.BackgroundLoad;
import dev.handlermodels.loadtests.bench.scenario.cpu.CpuAnalysis.Measured;
import dev.handlermodels.loadtests.load.KeepAliveLoad.Outcome;
import dev.handlermodels.loadtests.load.KeepAliveLoad.Plan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;

/**
 * One server under /io, alone or beside a second load that computes.
 *
 * @param io target of the users who wait
 * @param work query of the users who compute
 */
record CpuRun(
    BenchRun run,
    Settings settings,
    Progress progress,
    int ioUsers,
    String io,
    int cpuUsers,
    String work,
    int warmupMs,
    int windowMs) {

  /** The second load runs this much longer, so that /io is never measured without it. */
  private static final int TAIL_MS = 2_000;

  Measured run(String name, BackgroundLoad beside)
      throws IOException, InterruptedException, MeasurementException {
    Path dir = run.rowFolder(name + "-" + beside.name().toLowerCase(Locale.ROOT));
    progress.phase("start");
    TestBed testBed = new TestBed(run, settings);
    ChildProcess upstream = testBed.upstream(dir);
    TestBed.Server server = testBed.server(name, dir);
    progress.phase("load");
    return measure(server, upstream, beside, dir);
  }

  private Measured measure(
      TestBed.Server server, ChildProcess upstream, BackgroundLoad beside, Path dir)
      throws IOException, InterruptedException, MeasurementException {
    Path ioOutcome = dir.resolve("io.json");
    Path cpuOutcome = dir.resolve("cpu.json");
    LoadProcess cpuLoad =
        beside == BackgroundLoad.NOTHING
            ? null
            : start(
                new Plan(
                    server.port(), beside.path + work, cpuUsers, 0, warmupMs, windowMs + TAIL_MS),
                cpuOutcome);
    LoadProcess ioLoad =
        start(new Plan(server.port(), io, ioUsers, warmupMs / 4, warmupMs, windowMs), ioOutcome);
    run.stop.pause(warmupMs);
    CpuTimes before = CpuTimes.of(server, upstream);
    run.stop.pause(windowMs);
    CpuTimes after = CpuTimes.of(server, upstream);
    Outcome ioResult = ioLoad.await(server.process(), 0, Outcome.class);
    Outcome cpuResult = cpuLoad == null ? null : cpuLoad.await(server.process(), 0, Outcome.class);
    double generators = ioResult.cores() + (cpuResult == null ? 0 : cpuResult.cores());
    return new Measured(
        server.name(),
        beside,
        ioResult,
        cpuResult,
        before.serverCores(after),
        before.otherCores(after, generators));
  }

  private LoadProcess start(Plan plan, Path outcome) throws IOException {
    return LoadProcess.start(run, "The load of " + plan.path(), plan, outcome);
  }
}
