package dev.handlermodels.loadtests.bench.scenario.decide;

import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.process.BenchRun;
import dev.handlermodels.loadtests.bench.process.ChildProcess;
import dev.handlermodels.loadtests.bench.process.LoadProcess;
import dev.handlermodels.loadtests.bench.process.MeasurementException;
import dev.handlermodels.loadtests.bench.process.Progress;
import dev.handlermodels.loadtests.bench.process.TestBed;
import dev.handlermodels.loadtests.bench.sampling.CpuTimes;
import dev.handlermodels.loadtests.bench.scenario.decide.StepArithmetic.Model;
import dev.handlermodels.loadtests.bench.scenario.decide.Steps.Kind;
import dev.handlermodels.loadtests.bench.scenario.decide.Steps.Step;
import dev.handlermodels.loadtests.bench.scenario.decide.StepsAnalysis.Measured;
import dev.handlermodels.loadtests.bench.servers.Servers;
import dev.handlermodels.loadtests.load.KeepAliveLoad;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Measures a handler of the caller's steps: {@code /steps} of each server, the right way. */
record StepsRun(
    BenchRun run,
    Settings settings,
    Progress progress,
    StepArithmetic arithmetic,
    Double cpuUnitMs,
    int warmupMs,
    int windowMs) {
  /** Those that are no anti-pattern, and have a server of their own. */
  static final List<Model> MODELS = List.of(Model.EVENT_LOOP, Model.VIRTUAL_THREADS, Model.POOL);

  private static final int PATIENCE_MS = 30_000;

  /** The first query of a server starts its database. */
  private static final long DATABASE_WITHIN_MS = 60_000;

  private static String server(Model model) {
    return switch (model) {
      case EVENT_LOOP -> Servers.EVENT_LOOP;
      case VIRTUAL_THREADS -> Servers.VIRTUAL_THREADS;
      case POOL -> Servers.THREAD_POOL;
      case WORKERS, BLOCKED_LOOP, PINNED ->
          throw new IllegalArgumentException("no server does its steps like that: " + model);
    };
  }

  Measured run(Model model) throws IOException, InterruptedException, MeasurementException {
    String name = server(model);
    Path dir = run.rowFolder(name + "-steps");
    progress.phase("start");
    TestBed testBed = new TestBed(run, settings);
    ChildProcess upstream = testBed.upstream(dir);
    TestBed.Server server = testBed.server(name, dir, environment());
    testBed.all(List.of(server.url(path())), DATABASE_WITHIN_MS);
    progress.phase("load");
    CpuTimes before = CpuTimes.of(server, upstream);
    KeepAliveLoad.Outcome outcome =
        LoadProcess.run(
            run,
            server.process(),
            new KeepAliveLoad.Plan(
                server.port(),
                path(),
                arithmetic.users(),
                Math.min(1000, warmupMs / 3),
                warmupMs,
                windowMs,
                arithmetic.sloMs(),
                PATIENCE_MS),
            dir.resolve("outcome.json"));
    CpuTimes after = CpuTimes.of(server, upstream);
    return new Measured(model, name, outcome, before.serverCores(after), before.busyCores(after));
  }

  /** The pools that the steps name; whoever waits for a place there waits as long as it takes. */
  private Map<String, String> environment() {
    Map<String, String> environment = new HashMap<>();
    Steps steps = arithmetic.steps();
    put(environment, "UPSTREAM_MAX_CONNECTIONS", steps.places(Kind.CALL));
    put(environment, "DATABASE_POOL_SIZE", steps.places(Kind.SQL));
    put(environment, "CPU_WORKERS", steps.places(Kind.CPU));
    environment.put("DATABASE_QUEUE_SIZE", Integer.toString(arithmetic.users()));
    environment.put("DATABASE_ACQUIRE_TIMEOUT_MS", Integer.toString(PATIENCE_MS));
    return environment;
  }

  private static void put(Map<String, String> environment, String name, Integer places) {
    if (places != null) {
      environment.put(name, places.toString());
    }
  }

  /** CPU work in units, as many as take its milliseconds on this machine. */
  String path() {
    return arithmetic.steps().all().stream()
        .map(step -> step.kind().word() + ":" + amount(step))
        .collect(Collectors.joining(",", "/steps?steps=", ""));
  }

  private int amount(Step step) {
    return step.kind() == Kind.CPU ? CpuUnit.units(step.ms(), cpuUnitMs) : step.ms();
  }

  /**
   * What a request to a server may not ask for.
   *
   * @throws IllegalArgumentException with the sentence for the caller
   */
  static void check(Steps steps) {
    Map<Kind, Integer> most = Map.of(Kind.CALL, 20_000, Kind.SQL, 10_000, Kind.CPU, 1_000);
    for (Kind kind : Kind.values()) {
      if (steps.ms(kind) > most.get(kind)) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "--run measures at most %s ms of %s in one request.",
                most.get(kind),
                kind.word()));
      }
    }
  }
}
