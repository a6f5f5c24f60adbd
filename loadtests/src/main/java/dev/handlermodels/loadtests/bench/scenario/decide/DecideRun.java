package dev.handlermodels.loadtests.bench.scenario.decide;

import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.process.BenchRun;
import dev.handlermodels.loadtests.bench.process.ChildProcess;
import dev.handlermodels.loadtests.bench.process.LoadProcess;
import dev.handlermodels.loadtests.bench.process.MeasurementException;
import dev.handlermodels.loadtests.bench.process.Progress;
import dev.handlermodels.loadtests.bench.process.TestBed;
import dev.handlermodels.loadtests.bench.sampling.CpuTimes;
import dev.handlermodels.loadtests.bench.sampling.ProcessSampler;
import dev.handlermodels.loadtests.bench.scenario.decide.DecideAnalysis.Candidate;
import dev.handlermodels.loadtests.bench.scenario.decide.DecideAnalysis.Measured;
import dev.handlermodels.loadtests.bench.scenario.decide.DecideAnalysis.Question;
import dev.handlermodels.loadtests.bench.scenario.decide.DecideAnalysis.Work;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import dev.handlermodels.loadtests.load.KeepAliveLoad.Outcome;
import dev.handlermodels.loadtests.load.KeepAliveLoad.Plan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Measures one candidate under one kind of work. */
record DecideRun(
    BenchRun run,
    Settings settings,
    Progress progress,
    Question question,
    int warmupMs,
    int windowMs) {
  Measured run(Work work, Candidate candidate)
      throws IOException, InterruptedException, MeasurementException {
    String name = work + candidate.label().replaceAll("[ /]+", "-");
    Path dir = run.layout.out().resolve("rows").resolve(name.toLowerCase(Locale.ROOT));
    Files.createDirectories(dir);
    TestBed testBed = new TestBed(run, settings(work));
    progress.phase("start");
    ChildProcess upstream = testBed.upstream(dir);
    TestBed.Server server = testBed.server(candidate.server(), dir);
    progress.phase("load");
    return load(server, upstream, work, candidate, dir);
  }

  private Measured load(
      TestBed.Server server, ChildProcess upstream, Work work, Candidate candidate, Path dir)
      throws IOException, InterruptedException, MeasurementException {
    int load = users(work);
    Plan plan =
        new Plan(
            server.port(),
            candidate.path() + query(candidate.path()),
            load,
            Math.min(1000, warmupMs / 3),
            warmupMs,
            windowMs,
            question.sloMs());
    CpuTimes before = CpuTimes.of(server, upstream);
    Outcome outcome = LoadProcess.run(run, server.process(), plan, dir.resolve("outcome.json"));
    CpuTimes after = CpuTimes.of(server, upstream);
    return new Measured(
        work,
        candidate,
        load,
        outcome,
        before.serverUsPer(outcome.requests(), after),
        Numbers.mib(ProcessSampler.process(server.process().handle()).rssPeakKiB()),
        before.otherCores(after, outcome.cores()));
  }

  private int users(Work work) {
    return work == Work.FEW_USERS || work == Work.CPU_BOUND
        ? question.fewUsers()
        : question.users();
  }

  private String query(String path) {
    String wait = "waitMs=" + question.waitMs();
    String work = "work=" + question.work();
    return "?"
        + (path.startsWith("/cpu") ? work : path.equals("/mixed") ? wait + "&" + work : wait);
  }

  private Settings settings(Work work) {
    return work == Work.LITTLE_MEMORY
        ? settings.measuringHeap(question.littleHeapMiB(), 1)
        : settings;
  }
}
