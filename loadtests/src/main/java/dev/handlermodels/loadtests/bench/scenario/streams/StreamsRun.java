package dev.handlermodels.loadtests.bench.scenario.streams;

import dev.handlermodels.loadtests.bench.config.LoopbackAddress;
import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.process.BenchRun;
import dev.handlermodels.loadtests.bench.process.ChildProcess;
import dev.handlermodels.loadtests.bench.process.Commands;
import dev.handlermodels.loadtests.bench.process.LoadProcess;
import dev.handlermodels.loadtests.bench.process.MeasurementException;
import dev.handlermodels.loadtests.bench.process.Progress;
import dev.handlermodels.loadtests.bench.sampling.HeapProbe;
import dev.handlermodels.loadtests.bench.sampling.ProcessSampler;
import dev.handlermodels.loadtests.bench.sampling.Sample;
import dev.handlermodels.loadtests.bench.sampling.Sample.MachineUse;
import dev.handlermodels.loadtests.bench.sampling.Sample.ProcessUse;
import dev.handlermodels.loadtests.bench.scenario.streams.StreamsAnalysis.Reading;
import dev.handlermodels.loadtests.load.Json;
import dev.handlermodels.loadtests.load.StreamLoad;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Measures one server under all its streams. */
record StreamsRun(BenchRun run, Settings settings, Progress progress, StreamLoad.Plan plan) {

  /** Enough to build what a server builds once, for its first stream. */
  private static final int FIRST_STREAMS = 50;

  void run(String server) throws IOException, InterruptedException, MeasurementException {
    Path out = run.layout.out();
    Path dir = Files.createDirectories(out.resolve(server));
    progress.phase("start");
    ChildProcess process =
        run.children.start(
            "The server",
            Commands.streamServer(server),
            Commands.streamServerEnvironment(plan, settings),
            dir.resolve("server.log"));
    String url = LoopbackAddress.url(plan.port());
    run.awaitReady(process, url + "/health/ready");
    for (int i = 0; i < FIRST_STREAMS; i++) {
      run.http.answers(url + "/stream?items=2&everyMs=0");
    }
    Reading idle = reading(process, dir.resolve("heap-idle.txt"));
    Json.write(StreamsAnalysis.Raw.file(out, server), load(server, process, idle, dir));
  }

  private StreamsAnalysis.Raw load(String server, ChildProcess process, Reading idle, Path dir)
      throws IOException, InterruptedException, MeasurementException {
    Path outcome = dir.resolve("load.json");
    StreamLoad.Marks marks = StreamLoad.Marks.beside(outcome);
    ChildProcess load =
        run.children.start(
            "The load generator",
            Commands.streamLoad(plan, outcome),
            Map.of(),
            dir.resolve("load.log"));
    progress.phase("open");
    LoadProcess.awaitFile(run, marks.began(), plan.openWithinMs() + plan.warmupMs(), load, process);
    progress.phase("measure");
    MachineUse machineBegan = ProcessSampler.machine();
    Reading began = reading(process, null);
    LoadProcess.awaitFile(run, marks.ended(), plan.windowMs(), load, process);
    MachineUse machineEnded = ProcessSampler.machine();
    Reading ended = reading(process, dir.resolve("heap-loaded.txt"));
    Files.createFile(marks.end());
    LoadProcess.awaitFile(run, outcome, 0, load, process);
    StreamLoad.Outcome came = Json.read(outcome, StreamLoad.Outcome.class);
    return new StreamsAnalysis.Raw(
        server,
        came,
        idle,
        began,
        ended,
        otherCores(machineBegan, machineEnded, began, ended, came));
  }

  /**
   * Process first, heap last: looking at the heap stops the server and makes it collect.
   *
   * @param histogram where jcmd's histogram goes; null where the heap is not looked at
   */
  private Reading reading(ChildProcess server, Path histogram) throws InterruptedException {
    ProcessUse use = ProcessSampler.process(server.handle());
    Sample.Census census =
        run.http.get(
            LoopbackAddress.url(settings.managementPort()) + "/threads", Sample.Census.class);
    return new Reading(
        use.cpuMs(),
        use.rssKiB(),
        use.rssPeakKiB(),
        use.osThreads(),
        histogram == null ? null : HeapProbe.liveBytes(server.handle(), histogram),
        census == null ? null : census.requests().inFlight(),
        census == null ? null : census.gcPauseMs());
  }

  private static Double otherCores(
      MachineUse before, MachineUse after, Reading began, Reading ended, StreamLoad.Outcome load) {
    Double server =
        began.cpuMs() == null || ended.cpuMs() == null
            ? null
            : (Double) ((ended.cpuMs() - began.cpuMs()) / 1000.0 / load.seconds());
    return MachineUse.otherCores(before, after, server, load.cores());
  }
}
