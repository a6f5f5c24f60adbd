package dev.handlermodels.loadtests.bench.scenario.soak;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.loadtests.bench.config.Layout;
import dev.handlermodels.loadtests.bench.config.LoopbackAddress;
import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.process.BenchRun;
import dev.handlermodels.loadtests.bench.process.Progress;
import dev.handlermodels.loadtests.bench.process.StandIn;
import dev.handlermodels.loadtests.bench.report.ReportPage;
import dev.handlermodels.loadtests.bench.scenario.soak.SoakAnalysis.Measured;
import dev.handlermodels.loadtests.bench.scenario.soak.SoakRun.SoakPlan;
import dev.handlermodels.loadtests.load.ArrivalLoad.IntervalStats;
import dev.handlermodels.loadtests.load.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real processes under a real load; only upstream and server are stand-ins. */
@Tag("slow")
class SoakRunTest {
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private BenchRun session;
  private Settings settings;

  @BeforeEach
  void tree(@TempDir Path root) throws IOException {
    Files.writeString(root.resolve(Layout.JVM_OPTIONS), "-Xmx64m\n-Xlog:aot*=off\n");
    StandIn.writeJar(root.resolve(Layout.UPSTREAM_JAR));
    StandIn.writeJar(root.resolve(Layout.serverJar("vertx")));
    session = new BenchRun(new Layout(root, Files.createDirectories(root.resolve("out"))));
    settings =
        new Settings(
            SoakRun.USERS,
            0,
            0,
            0,
            0,
            30_000,
            1,
            40,
            40,
            LoopbackAddress.freePort(),
            LoopbackAddress.freePort(),
            LoopbackAddress.freePort());
  }

  private Measured run(SoakPlan wanted) throws Exception {
    Progress progress = new Progress(new PrintStream(printed), false, 1);
    progress.row("vertx");
    try (BenchRun started = session) {
      return new SoakRun(started, settings, progress, wanted).run("vertx");
    }
  }

  private long looks() throws IOException {
    Path file = SoakAnalysis.looks(session.layout.out(), "vertx");
    return Files.exists(file) ? Files.readAllLines(file).size() : 0;
  }

  private ReportPage report(Measured row) throws IOException {
    Path out = session.layout.out();
    Machine machine = Machine.here(session.layout);
    Json.write(SoakAnalysis.raw(out), new SoakAnalysis.Raw(machine, "A setting.", 1, List.of(row)));
    return SoakAnalysis.report(out);
  }

  @Test
  void aRunLooksAtTheServerCountsItsClientsAndSeesItAtRest() throws Exception {
    Measured row = run(new SoakPlan(6_000, 500, 500, 10));

    assertThat(row.trouble()).isNull();
    assertThat(row.capacity()).isPositive();
    assertThat(row.outcome().steps()).hasSize(4);
    int arrivals = row.outcome().steps().stream().mapToInt(IntervalStats::arrivals).sum();
    int hungUp = row.outcome().steps().stream().mapToInt(IntervalStats::hungUp).sum();
    assertThat(arrivals).isBetween(6 * row.rate() * 99 / 100, 6 * row.rate());
    assertThat(hungUp / (double) arrivals).isBetween(0.05, 0.15);
    assertThat(row.after().inFlight()).isZero();
    assertThat(looks()).isBetween(1L, 12L); // a busy machine takes its time for each
    ReportPage page = report(row);
    assertThat(SoakAnalysis.complete(session.layout.out())).isTrue();
    assertThat(page.sections().get(1).cells().getFirst().getFirst()).startsWith("vertx");
  }

  @Test
  void whatWasMeasuredBeforeCtrlCIsKept() throws Exception {
    CompletableFuture<Measured> run =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return run(new SoakPlan(600_000, 300, 300, 5));
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
    while (looks() < 3) {
      assertThat(run.isDone()).as(printed::toString).isFalse();
      session.stop.pause(20);
    }
    session.stop.ask();

    Measured row = run.get();
    assertThat(row.trouble()).isEqualTo("The bench was interrupted.");
    assertThat(row.outcome()).isNull();
    assertThat(report(row).findings().getFirst()).contains("Cut short: The bench was interrupted.");
    assertThat(looks()).isGreaterThanOrEqualTo(3);
  }
}
