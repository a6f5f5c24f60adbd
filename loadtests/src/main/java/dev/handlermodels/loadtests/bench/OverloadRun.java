package dev.handlermodels.loadtests.bench;

import dev.handlermodels.loadtests.ArrivalLoad;
import dev.handlermodels.loadtests.ArrivalLoad.Step;
import dev.handlermodels.loadtests.Json;
import dev.handlermodels.loadtests.KeepAliveLoad;
import dev.handlermodels.loadtests.bench.Overload.Kind;
import dev.handlermodels.loadtests.bench.Overload.Measured;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** One server from half to five times its capacity, and back. */
final class OverloadRun {
  private static final long POLL_MS = 20;
  private static final long BESIDE_THE_PLAN_MS = 20_000;
  static final int TIMEOUT_MS = 10_000;

  private final Session session;
  private final Loopback loopback;
  private final Settings settings;
  private final Progress progress;
  private int inFlight;
  private int queueMs;
  private int waitMs;
  private int work;
  private boolean quick;

  OverloadRun(Session session, Loopback loopback, Settings settings, Progress progress) {
    this.session = session;
    this.loopback = loopback;
    this.settings = settings;
    this.progress = progress;
  }

  OverloadRun limits(int maxInFlight, int maxQueueMs) {
    inFlight = maxInFlight;
    queueMs = maxQueueMs;
    return this;
  }

  OverloadRun load(int wait, int units, boolean forTheShape) {
    waitMs = wait;
    work = units;
    quick = forTheShape;
    return this;
  }

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

  Measured run(String name, Kind kind) throws IOException, InterruptedException, RowTrouble {
    Path dir =
        Files.createDirectories(
            session
                .layout
                .out()
                .resolve("rows")
                .resolve(name + "-" + kind.name().toLowerCase(Locale.ROOT)));
    progress.phase("start");
    Stage stage = new Stage(session, loopback, settings);
    try {
      ChildProcess upstream = stage.upstream(dir);
      Stage.Server server = stage.server(name, dir, environment(name, kind));
      progress.phase("capacity");
      double capacity = capacity(server, kind, dir);
      progress.phase("arrivals, capacity " + Numbers.text(capacity, 1) + "/s");
      return arrivals(server, upstream, kind, capacity, dir);
    } finally {
      session.children.stopAll();
    }
  }

  private Map<String, String> environment(String server, Kind kind) {
    Map<String, String> environment = new HashMap<>();
    environment.put("MAX_IN_FLIGHT", Integer.toString(inFlight));
    environment.put("MAX_QUEUE_MS", Integer.toString(queueMs));
    if (server.equals("blocking") && kind == Kind.CPU) {
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
    return server.equals("blocking") ? settings.poolSize() : inFlight;
  }

  private double capacity(Stage.Server server, Kind kind, Path dir)
      throws IOException, InterruptedException, RowTrouble {
    int users = users(server.name(), kind);
    KeepAliveLoad.Plan plan =
        new KeepAliveLoad.Plan(
            server.port(), path(kind), users, closedMs() / 4, closedMs(), closedMs(), TIMEOUT_MS);
    KeepAliveLoad.Outcome outcome =
        ThroughputRun.load(session, server.process(), plan, dir.resolve("capacity.json"));
    // Not all answers: a user that finds no place for a moment is refused, and asks again at once.
    double capacity = outcome.inTime() / outcome.seconds();
    if (capacity == 0) {
      throw new RowTrouble("Nobody of the closed load had an answer.", List.of());
    }
    return capacity;
  }

  private Measured arrivals(
      Stage.Server server, ChildProcess upstream, Kind kind, double capacity, Path dir)
      throws IOException, InterruptedException, RowTrouble {
    List<Step> steps = new ArrayList<>();
    for (double times : Overload.TIMES) {
      steps.add(new Step(rate(capacity, times), stepMs()));
    }
    steps.add(new Step(rate(capacity, Overload.CALM), recoveryMs()));
    ArrivalLoad.Plan plan =
        new ArrivalLoad.Plan(server.port(), path(kind), settleMs(), TIMEOUT_MS, steps);
    CpuTimes before = CpuTimes.of(server, upstream);
    ArrivalLoad.Outcome outcome = load(session, server.process(), plan, dir.resolve("load.json"));
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

  static ArrivalLoad.Outcome load(
      Session session, ChildProcess server, ArrivalLoad.Plan plan, Path outcome)
      throws IOException, InterruptedException, RowTrouble {
    return outcome(session, server, start(session, plan, outcome), plan.ms(), outcome);
  }

  static ChildProcess start(Session session, ArrivalLoad.Plan plan, Path outcome)
      throws IOException {
    return session.children.start(
        "The open load generator",
        Commands.arrivalLoad(plan, outcome),
        Map.of(),
        outcome.resolveSibling(outcome.getFileName() + ".log"));
  }

  /**
   * Waits for the end of a load.
   *
   * @param ms that it may still take to its last arrival
   */
  static ArrivalLoad.Outcome outcome(
      Session session, ChildProcess server, ChildProcess load, int ms, Path outcome)
      throws IOException, InterruptedException, RowTrouble {
    long untilNs = System.nanoTime() + (ms + TIMEOUT_MS + BESIDE_THE_PLAN_MS) * 1_000_000;
    while (load.isAlive() && server.isAlive() && System.nanoTime() < untilNs) {
      session.stop.pause(POLL_MS);
    }
    session.children.stop(load);
    if (Files.notExists(outcome)) {
      throw new RowTrouble(
          server.isAlive()
              ? "The open load generator " + load.ending() + " without an outcome."
              : server.name + " " + server.ending() + " under the load.",
          server.isAlive() ? load.lastLogLines() : server.lastLogLines());
    }
    return Json.read(outcome, ArrivalLoad.Outcome.class);
  }
}
