package dev.handlermodels.loadtests.bench.scenario.capacity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.report.ReportPage;
import dev.handlermodels.loadtests.bench.scenario.capacity.CapacityAnalysis.Limit;
import dev.handlermodels.loadtests.bench.scenario.capacity.CapacityAnalysis.Measured;
import dev.handlermodels.loadtests.bench.scenario.capacity.CapacityAnalysis.Point;
import dev.handlermodels.loadtests.bench.scenario.capacity.CapacityAnalysis.Raw;
import dev.handlermodels.loadtests.bench.scenario.capacity.CapacitySearch.Stage;
import dev.handlermodels.loadtests.bench.scenario.capacity.CapacitySearch.Trial;
import dev.handlermodels.loadtests.bench.servers.HandlerModel;
import dev.handlermodels.loadtests.bench.servers.Servers;
import dev.handlermodels.loadtests.load.ArrivalLoad.IntervalStats;
import dev.handlermodels.loadtests.load.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CapacityAnalysisTest {
  private static final Path EXAMPLES = Path.of("src/test/resources/capacity");
  private static final Promise PROMISE = new Promise(1100, 0.001);
  private static final Machine MACHINE =
      new Machine("Linux", "cpu", 2, 1000, "jdk", null, List.of("-Xmx256m"), List.of());

  @TempDir Path out;

  private static Trial trial(
      Stage stage, int rate, int p99Ms, double generator, double busy, double cpuUs) {
    return trial(stage, rate, p99Ms, generator, busy, cpuUs, 0.001);
  }

  private static Trial trial(
      Stage stage,
      int rate,
      int p99Ms,
      double generator,
      double busy,
      double cpuUs,
      double gcPauseShare) {
    int arrivals = rate * 60;
    return new Trial(
        stage,
        rate,
        new IntervalStats(
            arrivals,
            arrivals,
            0,
            0,
            Map.of(200, arrivals),
            0,
            0,
            0,
            60,
            1_005_000,
            1000L * p99Ms,
            1000L * p99Ms,
            0,
            0),
        generator,
        cpuUs,
        busy,
        0.05,
        gcPauseShare);
  }

  private static List<Trial> trials(int rate, double generator, double busy, double cpuUs) {
    return List.of(
        trial(Stage.PROBE, rate + 1, 5000, 0.2, 0.3, cpuUs),
        trial(Stage.CANDIDATE, 2 * rate, 8000, generator, busy, cpuUs),
        trial(Stage.CANDIDATE, rate + rate / 20, 3000, generator, busy, cpuUs),
        trial(Stage.CANDIDATE, rate, 1050, generator, busy, cpuUs),
        trial(Stage.CONFIRMATION, rate, 1060, generator, busy, cpuUs));
  }

  private static Raw raw(String server, List<Trial> trials) {
    return new Raw(
        MACHINE,
        "The setting.",
        PROMISE,
        5000,
        40,
        1,
        List.of(new Measured(server + "-io", server, "/io", trials, 410.2)));
  }

  private static Point point(Raw raw) {
    return CapacityAnalysis.point(raw, raw.rows().getFirst());
  }

  private static Sizing sizing(Raw raw) {
    return CapacityAnalysis.sizing(raw, raw.rows().getFirst());
  }

  @Test
  void theConfirmedRateIsWhatIsKept() {
    Point point = point(raw(Servers.EVENT_LOOP, trials(3000, 0.5, 1.9, 390)));

    assertThat(point.keptPerSecond()).isEqualTo(3000);
    assertThat(point.brokeAtPerSecond()).isEqualTo(3150);
    assertThat(point.p99Ms()).isEqualTo(1060);
    assertThat(point.errors()).isZero();
    assertThat(point.serverCores()).isEqualTo(1.17);
    assertThat(point.why()).isEqualTo(Limit.PROCESSORS);
  }

  @Test
  void whatGaveOutIsReadFromTheLoadThatBrokeThePromise() {
    assertThat(point(raw(Servers.THREAD_POOL, trials(38, 0.1, 0.2, 900))).why())
        .isEqualTo(Limit.PLACES);
    assertThat(point(raw(Servers.EVENT_LOOP, trials(3000, 0.95, 1.9, 390))).why())
        .isEqualTo(Limit.GENERATOR);
  }

  @Test
  void aCollectorThatStopsTheServerForOneInAHundredArrivalsIsNamed() {
    Trial kept = trial(Stage.CONFIRMATION, 1745, 1067, 0.2, 0.8, 253, 0.03);

    assertThat(
            CapacityAnalysis.limit(
                kept, trial(Stage.CANDIDATE, 1822, 1187, 0.2, 0.9, 253, 0.01), 2))
        .isEqualTo(Limit.COLLECTOR);
    assertThat(
            CapacityAnalysis.limit(
                kept, trial(Stage.CANDIDATE, 1822, 1187, 0.2, 0.9, 253, 0.0099), 2))
        .isEqualTo(Limit.PLACES);
    assertThat(
            CapacityAnalysis.limit(kept, trial(Stage.CANDIDATE, 1822, 1187, 0.2, 1.9, 253, 0.2), 2))
        .isEqualTo(Limit.PROCESSORS);
    assertThat(Limit.COLLECTOR.isOfCpu()).isFalse();
  }

  /** 5000 / (0.7 × 3000) is 2.4, and 5000 / (0.7 × 38) is 192.3. */
  @Test
  void instancesFollowFromSevenTenthsOfTheRate() {
    assertThat(sizing(raw(Servers.EVENT_LOOP, trials(3000, 0.5, 1.9, 390))).instances())
        .isEqualTo(3);
    assertThat(sizing(raw(Servers.THREAD_POOL, trials(38, 0.1, 0.2, 900))).instances())
        .isEqualTo(193);
    assertThat(sizing(raw(Servers.EVENT_LOOP, trials(9000, 0.5, 1.9, 390))).instances())
        .isEqualTo(2);
  }

  @Test
  void settingsOfAnInstanceFollowFromItsRate() {
    Sizing sizing = sizing(raw(Servers.EVENT_LOOP, trials(3000, 0.5, 1.9, 390)));

    assertThat(sizing.maxInFlight()).isEqualTo(3300);
    assertThat(sizing.inFlight()).isEqualTo(3015);
    assertThat(sizing.cpuRequestMillis()).isEqualTo(1170);
    assertThat(sizing.cpuLimitCores()).isEqualTo(3);
    assertThat(sizing.memoryMiB()).isEqualTo(576);
    assertThat(sizing.mostInstances()).isEqualTo(5);
  }

  @Test
  void littleUseStillHasARequestAndALimit() {
    Sizing sizing = sizing(raw(Servers.THREAD_POOL, trials(38, 0.1, 0.2, 900)));

    assertThat(sizing.cpuRequestMillis()).isEqualTo(100);
    assertThat(sizing.cpuLimitCores()).isEqualTo(1);
    assertThat(sizing.plannedInFlight()).isEqualTo(27);
  }

  /** The check of the manifests, in the module deploy, reads these files, too. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theManifestsAreThoseThatAreChecked(boolean byCpu) throws IOException {
    for (String server : Servers.ALL) {
      Sizing sizing =
          new Sizing(
              server,
              Servers.model(server),
              server + " /io",
              PROMISE,
              3000,
              3015,
              390.0,
              410.2,
              256,
              byCpu,
              40,
              5000);
      Path example = EXAMPLES.resolve(server + (byCpu ? "-cpu.yaml" : "-in-flight.yaml"));
      if (Boolean.getBoolean("examples.write")) {
        Files.createDirectories(EXAMPLES);
        Files.writeString(example, sizing.yaml());
      }

      assertThat(example)
          .as("-Dexamples.write=true writes it anew")
          .content()
          .isEqualTo(sizing.yaml());
    }
  }

  @Test
  void anUnreadCpuTimeMakesNoFigure() {
    Sizing sizing =
        new Sizing(
            "x", HandlerModel.UNKNOWN, "x /", PROMISE, 10, 10, null, null, 256, false, 40, 50);

    assertThat(sizing.yaml()).contains("could not be read").doesNotContain("null");
  }

  @Test
  void theReportAndTheManifestsAreMadeFromTheRawFileAlone() throws IOException {
    Json.write(CapacityAnalysis.raw(out), raw(Servers.EVENT_LOOP, trials(3000, 0.5, 1.9, 390)));
    ReportPage page = CapacityAnalysis.report(out);
    String title = Servers.EVENT_LOOP + " /io";

    assertThat(CapacityAnalysis.complete(out)).isTrue();
    assertThat(page.findings())
        .singleElement()
        .asString()
        .startsWith(title + " keeps 3,000/s: p99 1,060.0 ms, errors 0 %, of 180,000 arrivals")
        .contains("The promise broke at 3,150/s.")
        .endsWith("3 instances.");
    assertThat(page.sections().getFirst().charts().getFirst().lines().getFirst().x())
        .containsExactly(3000, 3150, 6000);
    assertThat(Files.readString(out.resolve("report.md")))
        .contains("## " + title + " for 5,000/s\n\n```yaml\n# ");
    assertThat(Files.readString(out.resolve("report.html")))
        .contains("p99 &lt;= 1,100 ms")
        .contains("kind: HorizontalPodAutoscaler");
    assertThat(out.resolve("manifests/" + Servers.EVENT_LOOP + "-io.yaml")).exists();
  }

  @Test
  void aRowThatKeepsNoRateSaysSo() throws IOException {
    List<Trial> none = List.of(trial(Stage.PROBE, 1, 5000, 0.2, 0.3, 390));
    Json.write(CapacityAnalysis.raw(out), raw(Servers.EVENT_LOOP, none));
    ReportPage page = CapacityAnalysis.report(out);

    assertThat(CapacityAnalysis.complete(out)).isFalse();
    assertThat(page.findings())
        .containsExactly(
            Servers.EVENT_LOOP
                + " /io: no rate kept the promise of p99 <= 1,100 ms, errors <= 0.1 %.");
    assertThat(page.listings()).isEmpty();
  }
}
