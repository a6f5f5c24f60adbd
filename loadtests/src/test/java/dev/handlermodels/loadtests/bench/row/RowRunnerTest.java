package dev.handlermodels.loadtests.bench.row;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.loadtests.UserStats;
import dev.handlermodels.loadtests.bench.config.Layout;
import dev.handlermodels.loadtests.bench.config.LoopbackAddress;
import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.config.RunManifest;
import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.config.Target;
import dev.handlermodels.loadtests.bench.evidence.RowResult;
import dev.handlermodels.loadtests.bench.process.ChildProcesses;
import dev.handlermodels.loadtests.bench.process.LoopbackClient;
import dev.handlermodels.loadtests.bench.process.Progress;
import dev.handlermodels.loadtests.bench.process.StandIn;
import dev.handlermodels.loadtests.bench.process.StopSignal;
import dev.handlermodels.loadtests.bench.report.ReportWriter;
import dev.handlermodels.loadtests.bench.servers.ServerDescription;
import dev.handlermodels.loadtests.bench.servers.Servers;
import dev.handlermodels.loadtests.bench.servers.TableRows;
import dev.handlermodels.loadtests.load.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real processes and a real Gatling; only upstream and server are stand-ins. */
@Tag("slow")
class RowRunnerTest {
  private final Settings settings = settings(freePort(), freePort(), freePort());
  private final Set<ProcessHandle> runningBefore = running();
  private ChildProcesses children;
  private final StopSignal stop = new StopSignal();
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private Layout layout;
  private List<ServerDescription> servers = List.of();

  @BeforeEach
  void tree(@TempDir Path root) throws IOException {
    layout = new Layout(root, root.resolve("out"));
    children = new ChildProcesses(root);
    Files.writeString(root.resolve(Layout.JVM_OPTIONS), "-Xmx64m\n-Xlog:aot*=off\n");
    StandIn.writeJar(root.resolve(Layout.UPSTREAM_JAR));
    StandIn.writeJar(root.resolve(Layout.serverJar("vertx")));
    Files.createDirectories(layout.out());
    Json.write(
        Layout.run(layout.out()),
        new RunManifest("now", Machine.here(layout), settings, List.of(TableRows.VERTX_IO.id())));
  }

  @Test
  void aRowLeavesRawFilesThatAgreeWithEachOther() throws Exception {
    run();

    Path dir = layout.row("vertx-io");
    RowData row = RowData.read(dir, settings);
    UserStats users = row.users();
    assertThat(row.facts().trouble()).isNull();
    assertThat(users.finished()).isTrue();
    assertThat(users.served()).isEqualTo(settings.users());
    GatlingLog log = GatlingLog.read(Layout.simulationLog(dir));
    assertThat(log.simulation()).isEqualTo("dev.handlermodels.loadtests.IoSimulation");
    assertThat(log.truncated()).isFalse();
    // After Gatling has closed its log, users send until the ledger is written.
    long ok = log.responses().stream().filter(GatlingLog.Response::ok).count();
    long failed = log.responses().size() - ok;
    assertThat(ok).isPositive().isLessThanOrEqualTo(users.ok());
    assertThat(failed).isPositive().isLessThanOrEqualTo(users.failed());
    assertThat(log.responses())
        .filteredOn(response -> !response.ok())
        .allSatisfy(
            failure -> assertThat(FailureKind.of(failure.message())).isEqualTo("status 503"));
    assertThat(log.responses())
        .allSatisfy(
            response ->
                assertThat(response.latencyMs()).isGreaterThanOrEqualTo(settings.waitMs() - 1));
    assertThat(row.samples()).isNotEmpty();
    assertThat(row.samples().getLast().threads().handlers().distinct()).isEqualTo(1);
    assertThat(dir.resolve("gatling/index.html")).exists();

    RowResult result = ReportWriter.write(layout.out()).rows().getFirst();
    assertThat(result.status()).isEqualTo("complete");
    assertThat(result.requests()).isEqualTo(inWindow(log, row.window()));
    assertNothingRuns();
  }

  @Test
  void anOpenLoadKeepsEveryArrivalAndItsIntendedStart() throws Exception {
    Settings open = settings.open(40);
    RunManifest run =
        new RunManifest("now", Machine.here(layout), open, List.of(TableRows.VERTX_IO.id()));
    Json.write(Layout.run(layout.out()), run);

    run(open);

    RowData row = RowData.read(layout.row("vertx-io"), open);
    // Until the ledger is written others arrive and end, of which the log knows nothing.
    long logged = row.responses().size();
    long lastMs = row.responses().stream().mapToLong(r -> r.endMs()).max().orElseThrow();
    List<Arrivals.Arrival> ended =
        row.arrivals().all().stream().filter(Arrivals.Arrival::ended).toList();
    assertThat(ended).hasSizeGreaterThanOrEqualTo((int) logged);
    assertThat(ended.stream().filter(arrival -> arrival.endedAtMs() <= lastMs).count())
        .isLessThanOrEqualTo(logged + open.users() + 2);
    // 3 s at 40/s, and what arrives until Gatling has seen that it is to end. Where it begins late,
    // up to a second of them come at once.
    long spanMs =
        row.arrivals().all().getLast().startedAtMs()
            - row.arrivals().all().getFirst().startedAtMs();
    assertThat(row.arrivals().all()).hasSizeBetween(118, (int) (40 * spanMs / 1000) + 40);
    RowResult result = ReportWriter.write(layout.out()).rows().getFirst();
    assertThat(result.open().arrivalsPerSecond()).isEqualTo(40);
    assertThat(result.open().notSent()).isZero();
    assertThat(result.latencyMs().p50()).isGreaterThanOrEqualTo(open.waitMs());
    assertNothingRuns();
  }

  @Test
  void aTargetIsLoadedAndNeitherStartedNorStopped() throws Exception {
    Settings against =
        settings.against(
            new Target(settings.baseUrl(), LoopbackAddress.url(settings.managementPort())));
    Json.write(
        Layout.run(layout.out()),
        new RunManifest("now", Machine.here(layout), against, List.of(TableRows.VERTX_IO.id())));
    Path jar = layout.root().resolve(Layout.serverJar("vertx"));
    ProcessBuilder command =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-jar",
            jar.toString());
    command.environment().put("PORT", "" + settings.port());
    command.environment().put("MANAGEMENT_PORT", "" + settings.managementPort());
    Process server = command.inheritIO().start();
    try (LoopbackClient loopback = new LoopbackClient()) {
      while (!loopback.answers(settings.baseUrl() + "/health/ready")) {
        assertThat(server.isAlive()).isTrue();
      }
      run(against);
      assertThat(server.isAlive()).isTrue();
    } finally {
      server.destroyForcibly().waitFor();
    }

    RowData row = RowData.read(layout.row("vertx-io"), against);
    assertThat(row.facts().trouble()).isNull();
    assertThat(row.samples().getLast().threads().handlers().distinct()).isEqualTo(1);
    RowResult result = ReportWriter.write(layout.out()).rows().getFirst();
    assertThat(result.status()).isEqualTo("complete");
    assertThat(result.successesPerSecond()).isPositive();
    assertThat(result.startupMs()).isNull();
    assertThat(result.cpuSeconds()).isNull();
    assertThat(result.upstreamCalls()).isNull();
    assertThat(result.rssPeakMiB()).isNull();
    assertThat(result.ceilingPerSecond()).isEqualTo(20 / 0.05);
    assertThat(result.verdict().limitedBy().sentence()).contains("cannot be seen from here");
    assertNothingRuns();
  }

  @Test
  void aTargetThatIsNotReadyFailsTheRow() throws Exception {
    servers = List.of(Servers.get("vertx").at(settings.baseUrl()));

    run(settings);

    assertThat(RowData.read(layout.row("vertx-io"), settings).facts().trouble())
        .isEqualTo("vertx is not ready: nothing answers at " + settings.baseUrl() + ".");
    assertNothingRuns();
  }

  @Test
  void aServerThatCannotStartFailsTheRowAndLeavesNothingRunning() throws Exception {
    Files.delete(layout.root().resolve(Layout.serverJar("vertx")));

    run();

    RowOutcome facts = RowData.read(layout.row("vertx-io"), settings).facts();
    assertThat(facts.trouble()).startsWith("The server ended with code 1");
    assertThat(facts.lastLogLines()).anyMatch(line -> line.contains("Unable to access jarfile"));
    RowResult result = ReportWriter.write(layout.out()).rows().getFirst();
    assertThat(result.status()).isEqualTo("failed");
    assertThat(result.requests()).isNull();
    assertThat(result.verdict().summary()).startsWith("Failed: The server ended");
    assertNothingRuns();
  }

  @Test
  void anInterruptedRowSaysSoAndLeavesNothingRunning() throws Exception {
    stop.ask();

    run();

    assertThat(RowData.read(layout.row("vertx-io"), settings).facts().trouble())
        .isEqualTo("The bench was interrupted.");
    assertNothingRuns();
  }

  @Test
  void afterAnInterruptNothingIsStarted() throws Exception {
    children.close();

    run();

    assertThat(RowData.read(layout.row("vertx-io"), settings).facts().trouble())
        .contains("being stopped");
    assertNothingRuns();
  }

  private void run() throws Exception {
    run(settings);
  }

  private void run(Settings settings) throws Exception {
    Progress progress = new Progress(new PrintStream(printed), false, 1);
    progress.row(TableRows.VERTX_IO.title());
    try (LoopbackClient loopback = new LoopbackClient()) {
      new RowRunner(layout, settings, children, stop, progress, loopback)
          .servers(servers)
          .run(TableRows.VERTX_IO, 1);
    }
  }

  private long inWindow(GatlingLog log, MeasuredWindow window) {
    long fromMs = window.fromMs();
    long toMs = fromMs + settings.durationSeconds() * 1000L;
    return log.responses().stream().filter(r -> r.endMs() >= fromMs && r.endMs() < toMs).count();
  }

  private void assertNothingRuns() {
    assertThat(running()).isSubsetOf(runningBefore);
  }

  private static Set<ProcessHandle> running() {
    return ProcessHandle.current()
        .descendants()
        .filter(ProcessHandle::isAlive)
        .collect(Collectors.toSet());
  }

  private static Settings settings(int port, int managementPort, int upstreamPort) {
    return new Settings(20, 50, 0, 1, 2, 5000, 1, 40, 40, port, managementPort, upstreamPort);
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
