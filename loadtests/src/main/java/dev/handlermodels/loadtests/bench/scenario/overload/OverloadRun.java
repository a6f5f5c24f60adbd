package dev.handlermodels.loadtests.bench.scenario.overload;

import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.process.BenchRun;
import dev.handlermodels.loadtests.bench.process.ChildProcess;
import dev.handlermodels.loadtests.bench.process.LoadProcess;
import dev.handlermodels.loadtests.bench.process.MeasurementException;
import dev.handlermodels.loadtests.bench.process.Progress;
import dev.handlermodels.loadtests.bench.process.TestBed;
import dev.handlermodels.loadtests.bench.sampling.CpuTimes;
import dev.handlermodels.loadtests.bench.scenario.overload.OverloadAnalysis.Kind;
import dev.handlermodels.loadtests.bench.scenario.overload.OverloadAnalysis.Measured;
import dev.handlermodels.loadtests.bench.servers.HandlerModel;
import dev.handlermodels.loadtests.bench.servers.Servers;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import dev.handlermodels.loadtests.load.ArrivalLoad;
import dev.handlermodels.loadtests.load.ArrivalLoad.Step;
import dev.handlermodels.loadtests.load.KeepAliveLoad;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Measures one server from half to five times its capacity, and back. */
record OverloadRun(
    BenchRun run,
    Settings settings,
    Progress progress,
    int inFlight,
    int queueMs,
    int waitMs,
    int work,
    boolean quick) {
  private static final int TIMEOUT_MS = 10_000;

  int closedMs() {
    return quick ? 4_000 : 10_000;
  }

  int stepMs() {
    return quick ? 5_000 : 12_000;
  }

  int settleMs() {
    return quick ? 1_000 : 2_000;
  }

  int recoveryMs() {
    return quick ? 7_000 : 10_000;
  }

  Measured run(String name, Kind kind)
      throws IOException, InterruptedException, MeasurementException {
    Path dir = run.rowFolder(name + "-" + kind.name().toLowerCase(Locale.ROOT));
    progress.phase("start");
    TestBed testBed = new TestBed(run, settings);
    ChildProcess upstream = testBed.upstream(dir);
    TestBed.Server server = testBed.server(name, dir, environment(name, kind));
    progress.phase("capacity");
    double capacity = capacity(server, kind, dir);
    progress.phase("arrivals, capacity " + Numbers.text(capacity, 1) + "/s");
    return arrivals(server, upstream, kind, capacity, dir);
  }

  private Map<String, String> environment(String server, Kind kind) {
    Map<String, String> environment = new HashMap<>();
    environment.put("MAX_IN_FLIGHT", Integer.toString(inFlight));
    environment.put("MAX_QUEUE_MS", Integer.toString(queueMs));
    if (Servers.model(server) == HandlerModel.THREAD_POOL && kind == Kind.CPU) {
      environment.put("POOL_SIZE", Integer.toString(cores()));
    }
    return environment;
  }

  private static int cores() {
    return Runtime.getRuntime().availableProcessors();
  }

  private String path(Kind kind) {
    return kind.path + (kind == Kind.IO ? "?waitMs=" + waitMs : "?work=" + work);
  }

  /** As many as can be served at once; beside work for a processor one more, who waits. */
  private int users(String server, Kind kind) {
    if (kind == Kind.CPU) {
      return cores() + 1;
    }
    return Servers.model(server) == HandlerModel.THREAD_POOL ? settings.poolSize() : inFlight;
  }

  private double capacity(TestBed.Server server, Kind kind, Path dir)
      throws IOException, InterruptedException, MeasurementException {
    int users = users(server.name(), kind);
    KeepAliveLoad.Plan plan =
        new KeepAliveLoad.Plan(
            server.port(), path(kind), users, closedMs() / 4, closedMs(), closedMs(), TIMEOUT_MS);
    KeepAliveLoad.Outcome outcome =
        LoadProcess.run(run, server.process(), plan, dir.resolve("capacity.json"));
    // Not all answers: a user that finds no place for a moment is refused, and asks again at once.
    double capacity = outcome.inTime() / outcome.seconds();
    if (capacity == 0) {
      throw new MeasurementException("No user of the closed load got an answer.", List.of());
    }
    return capacity;
  }

  private Measured arrivals(
      TestBed.Server server, ChildProcess upstream, Kind kind, double capacity, Path dir)
      throws IOException, InterruptedException, MeasurementException {
    List<Step> steps = new ArrayList<>();
    for (double times : OverloadAnalysis.TIMES) {
      steps.add(new Step(rate(capacity, times), stepMs()));
    }
    steps.add(new Step(rate(capacity, OverloadAnalysis.CALM), recoveryMs()));
    ArrivalLoad.Plan plan =
        new ArrivalLoad.Plan(server.port(), path(kind), settleMs(), TIMEOUT_MS, steps);
    CpuTimes before = CpuTimes.of(server, upstream);
    ArrivalLoad.Outcome outcome =
        LoadProcess.run(run, server.process(), plan, dir.resolve("load.json"));
    CpuTimes after = CpuTimes.of(server, upstream);
    return new Measured(
        server.name(),
        kind,
        Numbers.round(capacity, 1),
        plan.steps(),
        outcome,
        before.serverCores(after),
        before.otherCores(after, outcome.cores()));
  }

  private static int rate(double capacity, double times) {
    return Math.max(1, (int) Math.round(capacity * times));
  }
}
