package dev.handlermodels.loadtests.bench.scenario.chat;

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
import dev.handlermodels.loadtests.bench.sampling.Sample.MachineUse;
import dev.handlermodels.loadtests.bench.sampling.Sample.ProcessUse;
import dev.handlermodels.loadtests.bench.scenario.chat.ChatAnalysis.Reading;
import dev.handlermodels.loadtests.bench.scenario.chat.ChatAnalysis.Row;
import dev.handlermodels.loadtests.load.ChatLoad;
import dev.handlermodels.loadtests.load.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Measures one server under all its chats. */
record ChatRun(BenchRun run, Settings settings, Progress progress, ChatLoad.Plan plan) {

  void run(Row row) throws IOException, InterruptedException, MeasurementException {
    Path dir = Files.createDirectories(run.layout.out().resolve(row.id()));
    progress.phase("start");
    ChildProcess server =
        run.children.start(
            "The server",
            Commands.streamServer(row.server()),
            Commands.chatServerEnvironment(plan, row.threadEach(), settings),
            dir.resolve("server.log"));
    run.awaitReady(server, LoopbackAddress.url(plan.port()) + "/health/ready");
    Reading idle = reading(server, dir.resolve("heap-idle.txt"));
    Json.write(ChatAnalysis.Raw.file(run.layout.out(), row), load(row, server, idle, dir));
  }

  private ChatAnalysis.Raw load(Row row, ChildProcess server, Reading idle, Path dir)
      throws IOException, InterruptedException, MeasurementException {
    Path outcome = dir.resolve("load.json");
    ChatLoad.Marks marks = ChatLoad.Marks.beside(outcome);
    ChildProcess load =
        run.children.start(
            "The load generator",
            Commands.chatLoad(plan, outcome),
            Map.of(),
            dir.resolve("load.log"));
    progress.phase("open");
    LoadProcess.awaitFile(run, marks.opened(), plan.openWithinMs(), load, server);
    Reading opened = reading(server, dir.resolve("heap-opened.txt"));
    Files.createFile(marks.go());
    LoadProcess.awaitFile(run, marks.began(), plan.warmupMs(), load, server);
    progress.phase("measure");
    MachineUse machineBegan = ProcessSampler.machine();
    Reading began = reading(server, null);
    LoadProcess.awaitFile(run, marks.ended(), plan.windowMs(), load, server);
    MachineUse machineEnded = ProcessSampler.machine();
    Reading ended = reading(server, null);
    progress.phase("slow reader");
    LoadProcess.awaitFile(run, outcome, plan.slowMs() + plan.openWithinMs(), load, server);
    ChatLoad.Outcome came = Json.read(outcome, ChatLoad.Outcome.class);
    Double serverCores =
        began.cpuMs() == null || ended.cpuMs() == null
            ? null
            : (Double) ((ended.cpuMs() - began.cpuMs()) / 1000.0 / came.seconds());
    return new ChatAnalysis.Raw(
        row,
        came,
        idle,
        opened,
        began,
        ended,
        MachineUse.otherCores(machineBegan, machineEnded, serverCores, came.cores()));
  }

  /**
   * Process first, heap last: looking at the heap stops the server and makes it collect.
   *
   * @param histogram where jcmd's histogram goes; null where the heap is not looked at
   */
  private static Reading reading(ChildProcess server, Path histogram) throws InterruptedException {
    ProcessUse use = ProcessSampler.process(server.handle());
    return new Reading(
        use.cpuMs(),
        use.rssKiB(),
        use.rssPeakKiB(),
        use.osThreads(),
        histogram == null ? null : HeapProbe.liveBytes(server.handle(), histogram));
  }
}
