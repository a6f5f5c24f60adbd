package dev.handlermodels.loadtests.bench.scenario.db;

import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.process.BenchRun;
import dev.handlermodels.loadtests.bench.process.ChildProcess;
import dev.handlermodels.loadtests.bench.process.Commands;
import dev.handlermodels.loadtests.bench.process.DatabaseProcess;
import dev.handlermodels.loadtests.bench.process.LoadProcess;
import dev.handlermodels.loadtests.bench.process.MeasurementException;
import dev.handlermodels.loadtests.bench.process.Progress;
import dev.handlermodels.loadtests.bench.process.TestBed;
import dev.handlermodels.loadtests.bench.profile.ProfileProbe;
import dev.handlermodels.loadtests.bench.sampling.HealthProbe;
import dev.handlermodels.loadtests.bench.sampling.HeapProbe;
import dev.handlermodels.loadtests.bench.sampling.ProcessSampler;
import dev.handlermodels.loadtests.bench.sampling.Sample;
import dev.handlermodels.loadtests.bench.sampling.Sample.MachineUse;
import dev.handlermodels.loadtests.bench.scenario.db.DbAnalysis.Load;
import dev.handlermodels.loadtests.bench.scenario.db.DbAnalysis.Measured;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import dev.handlermodels.loadtests.load.ArrivalLoad;
import dev.handlermodels.loadtests.load.Json;
import dev.handlermodels.loadtests.load.KeepAliveLoad;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Measures one row, against a PostgreSQL of its own.
 *
 * @param profile of the server, under the same load once more; null for none
 */
record DbRun(
    BenchRun run, Settings settings, Progress progress, boolean quick, ProfileProbe profile) {
  private static final long READY_WITHIN_MS = 60_000;
  private static final int RAMP_MS = 1000;
  private static final int PATIENCE_MS = 30_000;

  /** In the name of a process of PostgreSQL: "postgres: user database 127.0.0.1(1234) idle". */
  private static final String CLIENT = " 127.0.0.1(";

  /** For callers to come and wait, before and after the heap is looked at. */
  private static final int HEAP_LOAD_MS = 3000;

  /** A PostgreSQL that runs. */
  private record Database(DatabaseProcess process) {
    /** CPU time of each of its processes. */
    Map<Long, Duration> cpu() {
      return process
          .postmaster()
          .descendants()
          .collect(
              Collectors.toMap(
                  ProcessHandle::pid,
                  process -> process.info().totalCpuDuration().orElse(Duration.ZERO)));
    }

    /** One process serves each connection, and has its client's address in its name. */
    Long connections() {
      List<Optional<String>> names = process.postmaster().children().map(Database::name).toList();
      return names.stream().allMatch(Optional::isEmpty)
          ? null // /proc does not tell
          : (Long) names.stream().flatMap(Optional::stream).filter(n -> n.contains(CLIENT)).count();
    }

    private static Optional<String> name(ProcessHandle process) {
      try {
        return Optional.of(
            Files.readString(Path.of("/proc", Long.toString(process.pid()), "cmdline")));
      } catch (IOException _) { // it has ended
        return Optional.empty();
      }
    }
  }

  /** R2DBC is only fast once the JIT has compiled it, which takes some 15 s on two cores. */
  int warmupMs() {
    return quick ? 10_000 : 20_000;
  }

  int windowMs() {
    return quick ? 4_000 : 15_000;
  }

  Measured run(DbRow row) throws IOException, InterruptedException, MeasurementException {
    Path dir = run.rowFolder(row.id());
    progress.phase("start");
    Database database = database(dir);
    Map<String, String> environment = new HashMap<>(row.environment());
    environment.put("DATABASE_URL", database.process().url());
    environment.put("DATABASE_POOL_SIZE", Integer.toString(row.pool()));
    TestBed testBed = new TestBed(run, settings);
    testBed.upstream(dir);
    TestBed.Server server = testBed.server(row.server(), dir, environment);
    testBed.all(List.of(server.url(row.path())), READY_WITHIN_MS);
    Long idleBytes = HeapProbe.liveBytes(server.process().handle(), dir.resolve("heap-idle.txt"));
    progress.phase("load");
    Measured measured = underLoad(row, server, database, dir);
    if (profile != null) {
      progress.phase("profile");
      profile(row, server, dir);
    }
    progress.phase("heap");
    Measured.Heap heap = heap(row, server, idleBytes, dir);
    return measured.with(heap);
  }

  private Database database(Path dir)
      throws IOException, InterruptedException, MeasurementException {
    return new Database(DatabaseProcess.start(run, settings, dir.resolve("database.log")));
  }

  /** What is counted between two looks. */
  private record Look(
      long atNs,
      Duration server,
      Map<Long, Duration> database,
      MachineUse machine,
      Map<String, Double> pool) {}

  private Look look(TestBed.Server server, Database database) throws InterruptedException {
    return new Look(
        System.nanoTime(),
        server.cpu(),
        database.cpu(),
        ProcessSampler.machine(),
        DbAnalysis.pool(run.http.textOrNull(server.managementUrl("/metrics"))));
  }

  private Measured underLoad(DbRow row, TestBed.Server server, Database database, Path dir)
      throws IOException, InterruptedException, MeasurementException {
    LoadProcess load = load(row, windowMs(), dir.resolve("load.json"));
    run.stop.pause(warmupMs());
    Look before = look(server, database);
    List<Sample.LiveProbe> probes;
    Look after;
    Long connections;
    try (HealthProbe health = HealthProbe.start(run.http, server.url("/health/live"))) {
      run.stop.pause(windowMs());
      after = look(server, database);
      connections = database.connections();
      probes = health.take();
    }
    Load answered = await(row, load, server, row.users() > 0 ? 0 : PATIENCE_MS);
    double seconds = (after.atNs - before.atNs) / 1e9;
    Double serverCores = cores(between(before.server, after.server), seconds);
    Double databaseCores = cores(between(before.database, after.database), seconds);
    return Measured.of(
        row,
        answered,
        serverCores,
        databaseCores,
        MachineUse.otherCores(
            before.machine, after.machine, serverCores, databaseCores, answered.cores()),
        DbAnalysis.mean(before.pool, after.pool, "acquire"),
        DbAnalysis.mean(before.pool, after.pool, "usage"),
        connections,
        probes.stream()
            .map(Sample.LiveProbe::ms)
            .map(ms -> ms == null ? (Double) (double) HealthProbe.TIMEOUT_MS : ms)
            .max(Double::compare)
            .orElse(null));
  }

  private LoadProcess load(DbRow row, int windowMs, Path outcome) throws IOException {
    String target = row.path() + "?queries=" + row.queries() + "&holdMs=" + row.holdMs();
    if (row.users() > 0) {
      return LoadProcess.start(
          run,
          "The load generator",
          new KeepAliveLoad.Plan(
              settings.port(), target, row.users(), RAMP_MS, warmupMs(), windowMs, 0, PATIENCE_MS),
          outcome);
    }
    return LoadProcess.start(
        run,
        new ArrivalLoad.Plan(
            settings.port(),
            target,
            warmupMs(),
            PATIENCE_MS,
            List.of(new ArrivalLoad.Step(row.arrivals(), warmupMs() + windowMs))),
        outcome);
  }

  private void profile(DbRow row, TestBed.Server server, Path dir)
      throws IOException, InterruptedException, MeasurementException {
    LoadProcess load = load(row, profile.ms(), dir.resolve("load-profile.json"));
    run.stop.pause(warmupMs());
    profile.run(server.process().handle(), dir, row.label());
    await(row, load, server, profile.ms() + PATIENCE_MS);
  }

  private static Load await(DbRow row, LoadProcess load, TestBed.Server server, long plannedMs)
      throws IOException, InterruptedException, MeasurementException {
    return row.users() > 0
        ? Load.of(load.await(server.process(), plannedMs, KeepAliveLoad.Outcome.class))
        : Load.of(load.await(server.process(), plannedMs, ArrivalLoad.Outcome.class));
  }

  /** The same load once more, and its heap beside that of the server when it was idle. */
  private Measured.Heap heap(DbRow row, TestBed.Server server, Long idleBytes, Path dir)
      throws IOException, InterruptedException, MeasurementException {
    LoadProcess load = load(row, HEAP_LOAD_MS, dir.resolve("load-heap.json"));
    run.stop.pause(warmupMs() + HEAP_LOAD_MS / 2);
    Sample.Census census = run.http.get(server.managementUrl("/threads"), Sample.Census.class);
    Long loadedBytes =
        HeapProbe.liveBytes(server.process().handle(), dir.resolve("heap-loaded.txt"));
    await(row, load, server, PATIENCE_MS);
    Long rssKiB = ProcessSampler.process(server.process().handle()).rssPeakKiB();
    return new Measured.Heap(
        idleBytes,
        loadedBytes,
        census == null ? null : census.requests().inFlight(),
        Numbers.mib(rssKiB));
  }

  private static Duration between(Duration before, Duration after) {
    return before == null || after == null ? null : after.minus(before);
  }

  /** Of all processes; one that has begun in between counts whole. */
  private static Duration between(Map<Long, Duration> before, Map<Long, Duration> after) {
    return after.entrySet().stream()
        .map(now -> now.getValue().minus(before.getOrDefault(now.getKey(), Duration.ZERO)))
        .reduce(Duration.ZERO, Duration::plus);
  }

  private static Double cores(Duration cpu, double seconds) {
    return Objects.isNull(cpu) ? null : (Double) (cpu.toNanos() / 1e9 / seconds);
  }

  /**
   * Asks the driver and its pool in a loop, without any HTTP.
   *
   * @param driver jdbc or r2dbc
   */
  DbAnalysis.BareLoop bareLoop(String driver, int holdMs)
      throws IOException, InterruptedException, MeasurementException {
    Path dir = run.rowFolder("bare-loop-" + driver + "-hold-" + holdMs);
    Database database = database(dir);
    Path outcome = dir.resolve("outcome.json");
    int seconds = (warmupMs() + windowMs()) / 1000;
    ChildProcess loop =
        run.children.start(
            "The bare loop",
            Commands.bareDatabaseLoop(driver, settings),
            Map.of(
                "DATABASE_URL", database.process().url(),
                "WARMUP_MS", Integer.toString(warmupMs()),
                "WINDOW_MS", Integer.toString(windowMs()),
                "POOL", Integer.toString(DbRow.POOL),
                "HOLD_MS", Integer.toString(holdMs),
                "OUTCOME", outcome.toString()),
            dir.resolve("loop.log"));
    if (!loop.awaitExit(READY_WITHIN_MS + seconds * 1000L) || !Files.exists(outcome)) {
      throw new MeasurementException("The bare loop " + loop.ending(), loop.lastLogLines());
    }
    return Json.read(outcome, DbAnalysis.BareLoop.class);
  }
}
