package dev.handlermodels.loadtests.bench;

import dev.handlermodels.loadtests.HostileLoad;
import dev.handlermodels.loadtests.HostileLoad.Attack;
import dev.handlermodels.loadtests.Json;
import dev.handlermodels.loadtests.KeepAliveLoad;
import dev.handlermodels.loadtests.bench.Hostile.Measured;
import dev.handlermodels.loadtests.bench.Hostile.Reading;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** One server, under one attack after the other, while good clients go on. */
final class HostileRun {
  private static final int EVERY_MS = 1000;
  private static final int WARMUP_MS = 5_000;
  private static final long SAMPLE_MS = 100;
  private static final long BESIDE_THE_PLAN_MS = 20_000;

  /** What good clients and a pool of the server may have open beside the attackers. */
  private static final int NOT_HOSTILE = 50;

  private final Session session;
  private final Loopback loopback;
  private final Settings settings;
  private final Progress progress;
  private final int windowMs;

  HostileRun(
      Session session, Loopback loopback, Settings settings, Progress progress, int windowMs) {
    this.session = session;
    this.loopback = loopback;
    this.settings = settings;
    this.progress = progress;
    this.windowMs = windowMs;
  }

  /** Adds what was measured, so that it is kept where a later attack fails. */
  void run(String name, List<Measured> rows) throws IOException, InterruptedException, RowTrouble {
    Path dir = Files.createDirectories(session.layout.out().resolve(name));
    Stage stage = new Stage(session, loopback, settings);
    try {
      progress.phase("start");
      stage.upstream(dir);
      Stage.Server server = stage.server(name, dir, limits(Hostile.limitMs(windowMs)));
      progress.phase("alone");
      KeepAliveLoad.Outcome alone =
          outcome(
              good(server, windowMs, dir.resolve("alone.json")), server, dir.resolve("alone.json"));
      for (Attack attack : Attack.values()) {
        if (!session.stop.isAsked()) {
          progress.phase(Hostile.label(attack));
          rows.add(attack(server, attack, alone, dir));
        }
      }
    } finally {
      session.children.stopAll();
    }
  }

  private static Map<String, String> limits(int limitMs) {
    String ms = Integer.toString(limitMs);
    return Map.of(
        "HEADER_TIMEOUT_MS", ms,
        "REQUEST_TIMEOUT_MS", ms,
        "ANSWER_TIMEOUT_MS", ms,
        "IDLE_TIMEOUT_MS", ms,
        // Both have to be shorter than IDLE_TIMEOUT_MS.
        "UPSTREAM_TIMEOUT_MS", Integer.toString(limitMs / 2),
        "STREAM_HEARTBEAT_MS", Integer.toString(limitMs / 2));
  }

  private Measured attack(Stage.Server server, Attack attack, KeepAliveLoad.Outcome alone, Path dir)
      throws IOException, InterruptedException, RowTrouble {
    String name = attack.name().toLowerCase(Locale.ROOT);
    Reading before = reading(server, dir.resolve(name + "-heap-before.txt"));
    Path goodFile = dir.resolve(name + "-good.json");
    Path hostileFile = dir.resolve(name + ".json");
    int attackMs = Hostile.windowMs(attack, windowMs);
    ChildProcess good = good(server, attackMs, goodFile);
    session.stop.pause(WARMUP_MS);
    HostileLoad.Plan plan =
        new HostileLoad.Plan(
            server.port(), attack, Hostile.connections(attack), EVERY_MS, attackMs);
    long fromNs = System.nanoTime();
    ChildProcess hostile =
        session.children.start(
            "The hostile clients",
            Commands.hostileLoad(plan, hostileFile),
            Map.of(),
            dir.resolve(name + ".log"));
    Watch watch = new Watch(before, fromNs);
    while (hostile.isAlive() && server.process().isAlive() && !isLate(fromNs)) {
      watch.look(server);
      session.stop.pause(SAMPLE_MS);
    }
    HostileLoad.Outcome came = read(hostile, server, hostileFile, HostileLoad.Outcome.class);
    KeepAliveLoad.Outcome beside = outcome(good, server, goodFile);
    Reading after = reading(server, dir.resolve(name + "-heap-after.txt"));
    return new Measured(
        server.name(),
        attack,
        Hostile.limitMs(windowMs),
        alone,
        beside,
        came,
        watch.held(),
        watch.goneAfterMs,
        before,
        watch.peak,
        after);
  }

  private boolean isLate(long fromNs) {
    return System.nanoTime() - fromNs > (windowMs + BESIDE_THE_PLAN_MS) * 1_000_000;
  }

  /** What the server has open, from outside: a client that does not read cannot see its end. */
  private static final class Watch {
    private final Reading before;
    private final long fromNs;
    private Reading peak;
    private Long goneAfterMs;

    Watch(Reading before, long fromNs) {
      this.before = before;
      this.fromNs = fromNs;
      this.peak = before;
    }

    void look(Stage.Server server) {
      Reading now = Reading.of(server.process().handle(), null);
      if (now.openFiles() == null || peak.openFiles() == null) {
        return;
      }
      if (now.openFiles() > peak.openFiles()) {
        peak = now;
      }
      boolean came = held() > NOT_HOSTILE;
      boolean isGone = now.openFiles() - before.openFiles() <= NOT_HOSTILE;
      if (came && isGone && goneAfterMs == null) {
        goneAfterMs = (System.nanoTime() - fromNs) / 1_000_000;
      }
    }

    private Integer held() {
      return peak.openFiles() == null ? null : peak.openFiles() - before.openFiles();
    }
  }

  /** Warm-up, then a window as long as the attack. */
  private ChildProcess good(Stage.Server server, int forMs, Path outcome) throws IOException {
    KeepAliveLoad.Plan plan =
        new KeepAliveLoad.Plan(
            server.port(),
            "/io?waitMs=" + settings.waitMs(),
            settings.users(),
            0,
            WARMUP_MS,
            forMs);
    return session.children.start(
        "The good clients",
        Commands.keepAliveLoad(plan, outcome),
        Map.of(),
        outcome.resolveSibling(outcome.getFileName() + ".log"));
  }

  private KeepAliveLoad.Outcome outcome(ChildProcess load, Stage.Server server, Path file)
      throws IOException, InterruptedException, RowTrouble {
    return read(load, server, file, KeepAliveLoad.Outcome.class);
  }

  private <T> T read(ChildProcess load, Stage.Server server, Path file, Class<T> type)
      throws IOException, InterruptedException, RowTrouble {
    long fromNs = System.nanoTime();
    while (load.isAlive() && server.process().isAlive() && !isLate(fromNs)) {
      session.stop.pause(SAMPLE_MS);
    }
    session.children.stop(load);
    if (Files.notExists(file)) {
      throw new RowTrouble(
          load.name + " " + load.ending() + " without an outcome.", load.lastLogLines());
    }
    return Json.read(file, type);
  }

  private static Reading reading(Stage.Server server, Path histogram) throws InterruptedException {
    ProcessHandle process = server.process().handle();
    return Reading.of(process, HeapProbe.liveBytes(process, histogram));
  }
}
