package dev.handlermodels.loadtests.bench.scenario.throughput;

import dev.handlermodels.loadtests.bench.config.Layout;
import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.config.RunManifest;
import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.options.PeersOption;
import dev.handlermodels.loadtests.bench.process.BenchRun;
import dev.handlermodels.loadtests.bench.process.LoadProcess;
import dev.handlermodels.loadtests.bench.process.MeasurementException;
import dev.handlermodels.loadtests.bench.process.Progress;
import dev.handlermodels.loadtests.bench.process.TestBed;
import dev.handlermodels.loadtests.bench.profile.ProfileProbe;
import dev.handlermodels.loadtests.bench.report.ReportPage;
import dev.handlermodels.loadtests.bench.row.RowData;
import dev.handlermodels.loadtests.bench.row.RowRunner;
import dev.handlermodels.loadtests.bench.scenario.ClosedLoad;
import dev.handlermodels.loadtests.bench.scenario.ScenarioCommand;
import dev.handlermodels.loadtests.bench.scenario.throughput.ThroughputAnalysis.Round;
import dev.handlermodels.loadtests.bench.servers.Row;
import dev.handlermodels.loadtests.bench.servers.Servers;
import dev.handlermodels.loadtests.load.Json;
import dev.handlermodels.loadtests.load.KeepAliveLoad.Plan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./bench throughput}. */
@Command(
    name = "throughput",
    description = "GET / without a wait at 64 connections, beside the bare framework.")
public final class ThroughputCommand extends ScenarioCommand {
  private static final int CHECK_USERS = 500;
  private static final int CHECK_WAIT_MS = 1000;

  @Mixin private PeersOption peers;

  @Option(
      names = "--profile",
      description =
          "Profiles each server for a minute after its rounds, under the same load: a flame graph,"
              + " hottest methods, pinned threads.")
  private boolean profile;

  private boolean complete = true;

  @Override
  protected void check() {
    Servers.ALL.forEach(server -> options.checkBuilt(Layout.testClasses(server)));
    peers.checkBuilt(options);
  }

  private int rounds() {
    return options.quickOr(2, 5);
  }

  private int warmupMs() {
    return options.quickOr(5_000, 15_000);
  }

  private int windowMs() {
    return options.quickOr(3_000, 8_000);
  }

  private Settings settings() {
    return options.settings(
        CHECK_USERS,
        CHECK_WAIT_MS,
        options.quickOr(2, 5),
        options.quickOr(5, 10),
        options.quickOr(8, 20));
  }

  @Override
  protected int plannedRows() {
    return Servers.ALL.size() + peers.names().size() + 2;
  }

  @Override
  protected void measure(BenchRun run, Progress progress) throws IOException, InterruptedException {
    Machine machine = Machine.here(run.layout);
    ThroughputRun pairs =
        new ThroughputRun(
            run,
            settings(),
            progress,
            rounds(),
            warmupMs(),
            windowMs(),
            profile
                ? new ProfileProbe(
                    run.http, run.stop, settings().managementUrl() + "/threads", options.quick())
                : null);
    List<Round> rounds = new ArrayList<>();
    for (String server : Servers.ALL) {
      complete &=
          attempt(run, progress, server + " / and bare", () -> rounds.addAll(pairs.run(server)));
    }
    for (String peer : peers.names()) {
      complete &= attempt(run, progress, peer + " /", () -> rounds.addAll(pairs.runPeer(peer)));
    }
    compareGenerators(run, progress);
    Json.write(
        ThroughputAnalysis.rounds(run.layout.out()),
        new ThroughputAnalysis.Rounds(machine, setting(machine), rounds));
  }

  @Override
  public ReportPage report(Path out) throws IOException {
    return ThroughputAnalysis.report(out);
  }

  @Override
  protected boolean complete(Path out) {
    return complete;
  }

  private String setting(Machine machine) {
    return String.format(
        Locale.ROOT,
        ("%d closed connections without think time from the second load generator (one thread);"
            + " both servers of a pair run all the time and are loaded in turn: %d ms of"
            + " warm-up each, then %d rounds of %d ms each; medians.%s %s"),
        ClosedLoad.CONNECTIONS,
        warmupMs(),
        rounds(),
        windowMs(),
        peers.names().isEmpty() ? "" : " A peer runs alone and answers with the same bytes.",
        machine.sentenceWithoutMemory());
  }

  /** Loads one row with both generators, one after the other, to see whether they agree. */
  private void compareGenerators(BenchRun run, Progress progress)
      throws IOException, InterruptedException {
    Settings settings = settings();
    Path dir = ThroughputAnalysis.check(run.layout.out());
    Row row = Servers.row(Servers.EVENT_LOOP, "/io");
    if (complete) {
      RunManifest.begin(dir, run.layout, settings, List.of(row.id()));
      progress.row(row.title());
      RowRunner.of(run, dir, settings, progress).run(row, 1);
      complete =
          attempt(
              run,
              progress,
              row.title() + ", second generator",
              () -> loadAgain(run, progress, settings, dir));
    }
  }

  /** The second generator measures the seconds in which Gatling's load had settled. */
  private static void loadAgain(BenchRun run, Progress progress, Settings settings, Path dir)
      throws IOException, InterruptedException, MeasurementException {
    int leadSeconds =
        RowData.read(
                new Layout(null, dir).row(Servers.row(Servers.EVENT_LOOP, "/io").id()), settings)
            .leadSeconds(settings);
    TestBed testBed = new TestBed(run, settings);
    testBed.upstream(dir);
    TestBed.Server server = testBed.server(Servers.EVENT_LOOP, dir);
    progress.phase("load");
    Plan plan =
        new Plan(
            settings.port(),
            "/io?waitMs=" + settings.waitMs(),
            settings.users(),
            settings.rampSeconds() * 1000,
            leadSeconds * 1000,
            settings.durationSeconds() * 1000);
    LoadProcess.run(run, server.process(), plan, ThroughputAnalysis.checkOutcome(run.layout.out()));
  }
}
