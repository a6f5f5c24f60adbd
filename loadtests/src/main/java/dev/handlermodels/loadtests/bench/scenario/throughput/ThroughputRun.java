package dev.handlermodels.loadtests.bench.scenario.throughput;

import dev.handlermodels.loadtests.bench.config.LoopbackAddress;
import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.process.BenchRun;
import dev.handlermodels.loadtests.bench.process.ChildProcess;
import dev.handlermodels.loadtests.bench.process.Commands;
import dev.handlermodels.loadtests.bench.process.LoadProcess;
import dev.handlermodels.loadtests.bench.process.MeasurementException;
import dev.handlermodels.loadtests.bench.process.Progress;
import dev.handlermodels.loadtests.bench.process.TestBed;
import dev.handlermodels.loadtests.bench.profile.ProfileProbe;
import dev.handlermodels.loadtests.bench.scenario.ClosedLoad;
import dev.handlermodels.loadtests.bench.scenario.throughput.ThroughputAnalysis.Kind;
import dev.handlermodels.loadtests.bench.scenario.throughput.ThroughputAnalysis.Round;
import dev.handlermodels.loadtests.bench.servers.Servers;
import dev.handlermodels.loadtests.load.KeepAliveLoad;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Measures our server and the bare framework, which run side by side and are loaded in turn, A B A
 * B; the other one is idle meanwhile.
 *
 * @param profile of our server, after the rounds; null for none
 */
record ThroughputRun(
    BenchRun run,
    Settings settings,
    Progress progress,
    int rounds,
    int warmupMs,
    int windowMs,
    ProfileProbe profile) {

  private static final int PROFILE_LEAD_MS = 2_000;

  /** A server under load. */
  private record Loaded(String server, Kind kind, ChildProcess process, int port) {}

  /** All rounds of one server. */
  List<Round> run(String server) throws IOException, InterruptedException, MeasurementException {
    Path dir = run.folder(server);
    progress.phase("start");
    TestBed.Server ours =
        new TestBed(run, settings).server(server, dir.resolve("ours.log"), settings.port());
    Path body = body(server);
    Files.writeString(body, run.http.text(ours.url("/")));
    // Nothing calls an upstream here, so its port is free.
    int barePort = settings.upstreamPort();
    ChildProcess bare =
        run.children.start(
            "The bare framework",
            Commands.bare(server, settings),
            Map.of("PORT", Integer.toString(barePort), "BODY_FILE", body.toString()),
            dir.resolve("bare.log"));
    run.awaitReady(bare, LoopbackAddress.url(barePort) + "/");
    List<Round> done =
        rounds(
            List.of(
                new Loaded(server, Kind.OURS, ours.process(), settings.port()),
                new Loaded(server, Kind.BARE, bare, barePort)),
            dir);
    if (profile != null) {
      profile(ours, dir);
    }
    return done;
  }

  /** The same load once more, for as long as the profile takes. */
  private void profile(TestBed.Server ours, Path dir)
      throws IOException, InterruptedException, MeasurementException {
    progress.phase("profile");
    KeepAliveLoad.Plan plan =
        new KeepAliveLoad.Plan(
            ours.port(), "/", ClosedLoad.CONNECTIONS, 0, PROFILE_LEAD_MS, profile.ms());
    LoadProcess load =
        LoadProcess.start(run, "The load generator", plan, dir.resolve("profile-load.json"));
    run.stop.pause(PROFILE_LEAD_MS);
    profile.run(ours.process().handle(), dir, ours.name() + " /");
    load.await(ours.process(), profile.ms(), KeepAliveLoad.Outcome.class);
  }

  /** What {@code /} of one of our servers answered with. */
  private Path body(String server) throws IOException {
    return run.folder(server).resolve("body.json");
  }

  /**
   * All rounds of a server that answers {@code /} with the same bytes as the first of ours, which
   * has run before.
   */
  List<Round> runPeer(String peer) throws IOException, InterruptedException, MeasurementException {
    Path dir = run.folder(peer);
    progress.phase("start");
    TestBed.Server server =
        new TestBed(run, settings)
            .server(peer, dir, Map.of("BODY_FILE", body(Servers.ALL.getFirst()).toString()));
    return rounds(List.of(new Loaded(peer, Kind.PEER, server.process(), settings.port())), dir);
  }

  private List<Round> rounds(List<Loaded> pair, Path dir)
      throws IOException, InterruptedException, MeasurementException {
    for (Loaded one : pair) {
      String kind = one.kind().name().toLowerCase(Locale.ROOT);
      load(one, warmupMs, dir.resolve("warm-up-" + kind + ".json"));
    }
    List<Round> done = new ArrayList<>();
    for (int round = 1; round <= rounds; round++) {
      progress.phase(String.format(Locale.ROOT, "round %d of %d", round, rounds));
      for (Loaded one : pair) {
        ClosedLoad load =
            load(
                one,
                windowMs,
                dir.resolve(String.format(Locale.ROOT, "%s-%d.json", one.kind(), round)));
        done.add(
            new Round(
                one.server(),
                one.kind(),
                round,
                load.outcome(),
                load.cpuUsPerRequest(),
                load.otherCores()));
      }
    }
    return done;
  }

  private ClosedLoad load(Loaded one, int ms, Path outcome)
      throws IOException, InterruptedException, MeasurementException {
    return ClosedLoad.run(run, one.process(), null, one.port(), ms, outcome);
  }
}
