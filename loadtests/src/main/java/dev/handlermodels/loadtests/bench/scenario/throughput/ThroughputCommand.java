package dev.handlermodels.loadtests.bench.scenario.throughput;

import dev.handlermodels.loadtests.bench.Scenario;
import dev.handlermodels.loadtests.bench.config.Layout;
import dev.handlermodels.loadtests.bench.config.LoopbackAddress;
import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.config.RunManifest;
import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.process.BenchRun;
import dev.handlermodels.loadtests.bench.process.ChildProcess;
import dev.handlermodels.loadtests.bench.process.Commands;
import dev.handlermodels.loadtests.bench.process.LoopbackClient;
import dev.handlermodels.loadtests.bench.process.MeasurementException;
import dev.handlermodels.loadtests.bench.process.Progress;
import dev.handlermodels.loadtests.bench.row.Row;
import dev.handlermodels.loadtests.bench.row.RowData;
import dev.handlermodels.loadtests.bench.scenario.ScenarioOptions;
import dev.handlermodels.loadtests.bench.scenario.throughput.ThroughputAnalysis.Round;
import dev.handlermodels.loadtests.load.Json;
import dev.handlermodels.loadtests.load.KeepAliveLoad.Plan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code ./bench throughput}. */
@Command(
    name = "throughput",
    description = "GET / without a wait at 64 connections, beside the bare framework.")
public final class ThroughputCommand implements Callable<Integer> {
  private static final List<String> SERVERS = List.of("vertx", "nima", "blocking");
  private static final int CHECK_USERS = 500;
  private static final int CHECK_WAIT_MS = 1000;

  @Mixin private ScenarioOptions options;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Layout layout = options.layout();
    for (String server : SERVERS) {
      if (Files.notExists(layout.root().resolve(Layout.testClasses(server)))) {
        throw options.wrong(
            Layout.testClasses(server) + " is missing; run `mvn package` in the project.");
      }
    }
    return new BenchRun(layout).run(Scenario.THROUGHPUT, this::measure);
  }

  private int rounds() {
    return options.quick ? 2 : 5;
  }

  private int warmupMs() {
    return options.quick ? 5_000 : 15_000;
  }

  private int windowMs() {
    return options.quick ? 3_000 : 8_000;
  }

  private Settings settings() {
    boolean quick = options.quick;
    return new Settings(
        CHECK_USERS,
        CHECK_WAIT_MS,
        quick ? 2 : 5,
        quick ? 5 : 10,
        quick ? 8 : 20,
        30_000,
        1,
        40,
        40,
        options.port,
        options.managementPort,
        options.upstreamPort);
  }

  private int measure(BenchRun session, LoopbackClient loopback)
      throws IOException, InterruptedException {
    Progress progress = options.progress(SERVERS.size() + 2);
    Machine machine = Machine.here(session.layout);
    List<Round> rounds = new ArrayList<>();
    boolean complete = true;
    try {
      for (String server : SERVERS) {
        progress.row(server + " / and bare");
        rounds.addAll(
            new ThroughputRun(
                    session, loopback, settings(), progress, rounds(), warmupMs(), windowMs())
                .run(server));
      }
      check(session, loopback, progress, machine);
    } catch (MeasurementException e) {
      progress.say(e.getMessage());
      e.lastLogLines().forEach(progress::say);
      complete = false;
    }
    Path out = session.layout.out();
    Json.write(
        ThroughputAnalysis.rounds(out),
        new ThroughputAnalysis.Rounds(machine, setting(machine), rounds));
    progress.say("");
    return session.print(ThroughputAnalysis.report(out), complete);
  }

  private String setting(Machine machine) {
    return ("%d closed connections without think time from the second load generator (one thread);"
            + " both servers of a pair run all the time and are loaded in turn: %d ms of"
            + " warm-up each, then %d rounds of %d ms each; medians. %s on %d cores (%s), %s,"
            + " commit %s.")
        .formatted(
            ThroughputRun.CONNECTIONS,
            warmupMs(),
            rounds(),
            windowMs(),
            machine.os(),
            machine.cores(),
            machine.cpu(),
            machine.jdk(),
            machine.commit() == null ? "unknown" : machine.commit());
  }

  /**
   * Both generators on {@code vertx /io}, one after the other: do they see the same? The second
   * measures the seconds in which Gatling's load had settled.
   */
  private void check(BenchRun session, LoopbackClient loopback, Progress progress, Machine machine)
      throws IOException, InterruptedException, MeasurementException {
    Settings settings = settings();
    Path dir = Files.createDirectories(ThroughputAnalysis.check(session.layout.out()));
    String startedAt = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    Json.write(
        Layout.run(dir), new RunManifest(startedAt, machine, settings, List.of(Row.VERTX_IO.id())));
    progress.row(Row.VERTX_IO.title());
    session.rowRunner(dir, settings, progress, loopback).run(Row.VERTX_IO, 1);
    int leadSeconds =
        RowData.read(new Layout(null, dir).row(Row.VERTX_IO.id()), settings).leadSeconds(settings);
    progress.row(Row.VERTX_IO.title() + ", second generator");
    try {
      ChildProcess upstream =
          session.children.start(
              "The upstream",
              Commands.upstream(settings),
              Commands.upstreamEnvironment(settings),
              dir.resolve("upstream.log"));
      ThroughputRun.awaitReady(
          session, loopback, upstream, LoopbackAddress.url(settings.upstreamPort()) + "/health");
      ChildProcess server =
          session.children.start(
              "The server",
              Commands.server(Row.VERTX_IO.server, settings),
              Commands.serverEnvironment(settings),
              dir.resolve("server.log"));
      ThroughputRun.awaitReady(
          session, loopback, server, LoopbackAddress.url(settings.port()) + "/health/ready");
      progress.phase("load");
      Plan plan =
          new Plan(
              settings.port(),
              "/io?waitMs=" + settings.waitMs(),
              settings.users(),
              settings.rampSeconds() * 1000,
              leadSeconds * 1000,
              settings.durationSeconds() * 1000);
      ThroughputRun.load(
          session, server, plan, ThroughputAnalysis.checkOutcome(session.layout.out()));
    } finally {
      session.children.stopAll();
    }
  }
}
