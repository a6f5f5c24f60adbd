package dev.handlermodels.loadtests.bench.row;

import dev.handlermodels.loadtests.UserStats;
import dev.handlermodels.loadtests.Warmup;
import dev.handlermodels.loadtests.bench.config.Layout;
import dev.handlermodels.loadtests.bench.config.LoopbackAddress;
import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.process.BenchRun;
import dev.handlermodels.loadtests.bench.process.ChildProcess;
import dev.handlermodels.loadtests.bench.process.ChildProcesses;
import dev.handlermodels.loadtests.bench.process.Commands;
import dev.handlermodels.loadtests.bench.process.LoopbackClient;
import dev.handlermodels.loadtests.bench.process.MeasurementException;
import dev.handlermodels.loadtests.bench.process.Progress;
import dev.handlermodels.loadtests.bench.process.StopSignal;
import dev.handlermodels.loadtests.bench.sampling.HealthProbe;
import dev.handlermodels.loadtests.bench.sampling.ProcessSampler;
import dev.handlermodels.loadtests.bench.sampling.Sample;
import dev.handlermodels.loadtests.bench.sampling.ServerProbe;
import dev.handlermodels.loadtests.bench.servers.Row;
import dev.handlermodels.loadtests.bench.servers.ServerDescription;
import dev.handlermodels.loadtests.bench.servers.Servers;
import dev.handlermodels.loadtests.bench.servers.Variables;
import dev.handlermodels.loadtests.load.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Runs one row: upstream, server and Gatling in a process each, sampled once a second. It leaves
 * raw files only, which {@code RowAnalysis} interprets later.
 */
public final class RowRunner {
  private static final long READY_WITHIN_MS = 20_000;
  private static final long READY_POLL_MS = 10;

  /** The time for Gatling's start while every processor is busy. */
  private static final long FIRST_USER_WITHIN_MS = 60_000;

  private static final long FINISH_WITHIN_MS = 20_000;
  private static final long GATLING_REPORT_WITHIN_MS = 120_000;
  private static final long POLL_MS = 100;
  private static final long SECOND_MS = 1_000;

  private final Layout layout;
  private final Settings settingsOfRun;
  private final ChildProcesses children;
  private final StopSignal stop;
  private final Progress progress;
  private final LoopbackClient loopback;

  private List<ServerDescription> servers = List.of();
  private ServerDescription description;
  private Settings settings;
  private ServerProbe probe;
  private ChildProcess upstream;
  private ChildProcess server;
  private ChildProcess gatling;

  public RowRunner(
      Layout layout,
      Settings settings,
      ChildProcesses children,
      StopSignal stop,
      Progress progress,
      LoopbackClient loopback) {
    this.layout = layout;
    this.settingsOfRun = settings;
    this.children = children;
    this.stop = stop;
    this.progress = progress;
    this.loopback = loopback;
  }

  /** A runner for the rows of one folder of a run. */
  public static RowRunner of(BenchRun run, Path out, Settings settings, Progress progress) {
    return new RowRunner(
        new Layout(run.layout.root(), out), settings, run.children, run.stop, progress, run.http);
  }

  public RowRunner probe(ServerProbe look) {
    probe = look;
    return this;
  }

  /** Descriptions beside those of the catalogue. */
  public RowRunner servers(List<ServerDescription> ofTheRun) {
    servers = ofTheRun;
    return this;
  }

  /** Runs the row until it ends or fails; nothing that it started is left running. */
  public void run(Row row, int repeat) throws IOException, InterruptedException {
    description = Servers.get(row.server(), servers);
    settings = settingsOfRun.of(description);
    Path dir = Files.createDirectories(layout.row(row.id(), repeat));
    Files.createDirectories(Layout.gatlingRun(dir));
    Long startupMs = null;
    String trouble = null;
    Long troubleAtMs = null;
    List<String> lastLogLines = List.of();
    try {
      if (settings.target() == null) {
        startUpstream(dir);
        startupMs = startServer(dir);
      } else {
        requireReady(dir);
      }
      if (probe != null) {
        probe.idle(server.handle(), dir);
      }
      load(row, dir);
    } catch (MeasurementException e) {
      trouble = e.getMessage();
      troubleAtMs = stop.troubleAtMs();
      lastLogLines = e.lastLogLines();
    } catch (IOException e) {
      trouble = "The row could not go on: " + e.getMessage();
      troubleAtMs = stop.troubleAtMs();
    } finally {
      children.stopAll();
      keepGatlingFiles(dir);
    }
    Json.write(
        Layout.facts(dir),
        new RowOutcome(row.id(), repeat, startupMs, trouble, troubleAtMs, lastLogLines));
  }

  private void startUpstream(Path dir)
      throws IOException, InterruptedException, MeasurementException {
    progress.phase("start");
    upstream =
        children.start(
            "The upstream",
            Commands.upstream(settings),
            Commands.upstreamEnvironment(settings),
            dir.resolve("upstream.log"));
    awaitReady(upstream, LoopbackAddress.url(settings.upstreamPort()) + "/health");
  }

  private long startServer(Path dir)
      throws IOException, InterruptedException, MeasurementException {
    server =
        ServerStart.process(description, settings, children, layout.root(), Layout.serverLog(dir));
    long startedNs = System.nanoTime();
    ServerStart start = new ServerStart(description, settings.baseUrl(), loopback);
    long untilNs = startedNs + description.readyWithinSeconds() * SECOND_MS * 1_000_000;
    while (!start.isReady()) {
      requireAlive(server);
      if (System.nanoTime() > untilNs) {
        throw new MeasurementException(start.whyNotReady(), server.lastLogLines());
      }
      stop.pause(READY_POLL_MS);
    }
    requireAlive(server);
    long startupMs = (System.nanoTime() - startedNs) / 1_000_000;
    keepSettings(dir);
    return startupMs;
  }

  /** A target is not ours to start or to wait for. */
  private void requireReady(Path dir)
      throws IOException, InterruptedException, MeasurementException {
    ServerStart running = new ServerStart(description, settings.baseUrl(), loopback);
    if (!running.isReady()) {
      throw new MeasurementException(running.whyNotReady(), List.of());
    }
    keepSettings(dir);
  }

  private void keepSettings(Path dir) throws IOException, InterruptedException {
    String url = address(description.settings());
    if (url != null) {
      String told = loopback.textOrNull(url);
      if (told != null) {
        Files.writeString(Layout.settings(dir), told);
      }
    }
  }

  /** Null where the server has none, or nobody knows where it is. */
  private String address(String template) {
    return template == null
            || Variables.isIn("management", template) && settings.managementUrl() == null
        ? null
        : Variables.fill(template, settings.variables());
  }

  private void load(Row row, Path dir)
      throws IOException, InterruptedException, MeasurementException {
    gatling =
        children.start(
            "Gatling", GatlingCommand.of(row, settings, dir), Map.of(), dir.resolve("gatling.log"));
    long startedAtMs = awaitFirstUser(dir);
    try (HealthProbe health =
        HealthProbe.start(loopback, settings.baseUrl() + description.live())) {
      sampleLoad(startedAtMs, health, dir);
    }
    if (probe != null) {
      probe.loaded(server.handle(), dir); // the load has to go on meanwhile
    }
    Files.createFile(Layout.end(dir));
    awaitUserStats(dir);
    // The measurement is over. Gatling writes its report while the others stop.
    progress.phase("report");
    if (settings.target() == null) {
      children.stop(server);
      children.stop(upstream);
    }
    if (!gatling.awaitExit(GATLING_REPORT_WITHIN_MS)) {
      throw new MeasurementException(
          "Gatling did not end in time; its report is missing.", List.of());
    }
  }

  private void awaitReady(ChildProcess child, String url)
      throws InterruptedException, MeasurementException {
    long untilNs = System.nanoTime() + READY_WITHIN_MS * 1_000_000;
    while (!loopback.answers(url)) {
      requireAlive(child);
      if (System.nanoTime() > untilNs) {
        throw new MeasurementException(
            String.format(
                Locale.ROOT,
                "%s was not ready within %d s.",
                child.name,
                READY_WITHIN_MS / SECOND_MS),
            child.lastLogLines());
      }
      stop.pause(READY_POLL_MS);
    }
    requireAlive(child);
  }

  private long awaitFirstUser(Path dir)
      throws IOException, InterruptedException, MeasurementException {
    for (long waitedMs = 0; waitedMs < FIRST_USER_WITHIN_MS; waitedMs += POLL_MS) {
      requireAllAlive();
      UserStats users = users(dir);
      if (users != null && users.startedAtMs() > 0) {
        return users.startedAtMs();
      }
      stop.pause(POLL_MS);
    }
    throw new MeasurementException("Gatling sent no request.", gatling.lastLogLines());
  }

  /**
   * Samples are taken at whole seconds after the first user, so that two of them bound the window.
   * At the first of the two, the upstream resets its counters.
   */
  private void sampleLoad(long startedAtMs, HealthProbe health, Path dir)
      throws IOException, InterruptedException, MeasurementException {
    long tick = 0;
    long lastTick = Long.MAX_VALUE;
    while (tick < lastTick) {
      tick = Math.max(tick, (System.currentTimeMillis() - startedAtMs) / SECOND_MS) + 1;
      stop.pause(startedAtMs + tick * SECOND_MS - System.currentTimeMillis());
      requireAllAlive();
      if (lastTick == Long.MAX_VALUE && warmedUp(tick, dir)) {
        beginWindow(startedAtMs + tick * SECOND_MS, dir);
        progress.measuring((int) tick);
        lastTick = tick + settings.durationSeconds();
      }
      Files.writeString(
          Layout.samples(dir),
          Json.LINE.writeValueAsString(sample(health)) + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
      progress.load(tick, settings, users(dir));
    }
  }

  private boolean warmedUp(long tick, Path dir) throws IOException {
    return tick >= settings.leadSeconds() || warmup(dir).settled();
  }

  private void beginWindow(long fromMs, Path dir) throws IOException, InterruptedException {
    if (settings.target() == null) {
      loopback.post(LoopbackAddress.url(settings.upstreamPort()) + "/stats/reset");
    }
    Json.write(Layout.window(dir), new MeasuredWindow(fromMs, warmup(dir)));
  }

  private Warmup warmup(Path dir) throws IOException {
    Path file = Layout.warmup(dir);
    return Files.exists(file)
        ? Json.read(file, Warmup.class)
        : new Warmup(settings.warmupWindowSeconds(), List.of());
  }

  private Sample sample(HealthProbe health) throws InterruptedException {
    long atMs = System.currentTimeMillis();
    var serverUse = use(server);
    var upstreamUse = use(upstream);
    var gatlingUse = ProcessSampler.process(gatling.handle());
    var machine = ProcessSampler.machine();
    var stats =
        upstream == null
            ? null
            : loopback.get(
                LoopbackAddress.url(settings.upstreamPort()) + "/stats",
                Sample.UpstreamStats.class);
    long upstreamAtMs = System.currentTimeMillis();
    String censusUrl = address(description.census());
    var census = censusUrl == null ? null : loopback.get(censusUrl, Sample.Census.class);
    return new Sample(
        atMs,
        serverUse,
        upstreamUse,
        gatlingUse,
        machine,
        census,
        upstreamAtMs,
        stats,
        health.take(),
        ProcessSampler.process(ProcessHandle.current()).cpuMs());
  }

  /** Nothing is known of a process that is not ours. */
  private static Sample.ProcessUse use(ChildProcess child) {
    return child == null
        ? new Sample.ProcessUse(null, null, null, null)
        : ProcessSampler.process(child.handle());
  }

  private void awaitUserStats(Path dir)
      throws IOException, InterruptedException, MeasurementException {
    for (long waitedMs = 0; waitedMs < FINISH_WITHIN_MS; waitedMs += POLL_MS) {
      UserStats users = users(dir);
      if (users != null && users.finished()) {
        return;
      }
      requireAlive(gatling);
      stop.pause(POLL_MS);
    }
    throw new MeasurementException(
        "Gatling did not stop at the end of the run.", gatling.lastLogLines());
  }

  private static UserStats users(Path dir) throws IOException {
    Path file = Layout.users(dir);
    return Files.exists(file) ? Json.read(file, UserStats.class) : null;
  }

  private void requireAllAlive() throws MeasurementException, InterruptedException {
    if (settings.target() == null) {
      requireAlive(upstream);
      requireAlive(server);
    }
    requireAlive(gatling);
  }

  private void requireAlive(ChildProcess child) throws MeasurementException, InterruptedException {
    if (!child.isAlive()) {
      stop.pause(0); // Ctrl-C reaches the children too: then that is the reason
      throw new MeasurementException(
          String.format(
              Locale.ROOT,
              "%s %s at %s.",
              child.name,
              child.ending(),
              Instant.now().truncatedTo(java.time.temporal.ChronoUnit.SECONDS)),
          child.lastLogLines());
    }
  }

  /** Gatling names its folder itself; the row keeps log and report under names that stay. */
  private static void keepGatlingFiles(Path dir) throws IOException {
    try (Stream<Path> runs = Files.list(Layout.gatlingRun(dir))) {
      for (Path run : runs.filter(path -> Files.exists(path.resolve("simulation.log"))).toList()) {
        Files.move(run.resolve("simulation.log"), Layout.simulationLog(dir));
        Files.move(run, Layout.gatlingReport(dir));
      }
    }
    deleteTree(Layout.gatlingRun(dir));
  }

  private static void deleteTree(Path dir) throws IOException {
    List<Path> paths;
    try (Stream<Path> walk = Files.walk(dir)) {
      paths = walk.sorted(java.util.Comparator.reverseOrder()).toList();
    }
    for (Path path : paths) {
      Files.deleteIfExists(path);
    }
  }
}
