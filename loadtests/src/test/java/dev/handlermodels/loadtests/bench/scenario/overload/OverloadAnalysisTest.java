package dev.handlermodels.loadtests.bench.scenario.overload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.report.ReportPage;
import dev.handlermodels.loadtests.bench.scenario.overload.OverloadAnalysis.Kind;
import dev.handlermodels.loadtests.bench.scenario.overload.OverloadAnalysis.Measured;
import dev.handlermodels.loadtests.bench.scenario.overload.OverloadAnalysis.Point;
import dev.handlermodels.loadtests.load.ArrivalLoad;
import dev.handlermodels.loadtests.load.ArrivalLoad.IntervalStats;
import dev.handlermodels.loadtests.load.ArrivalLoad.Step;
import dev.handlermodels.loadtests.load.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OverloadAnalysisTest {
  private static final Machine MACHINE =
      new Machine("Linux", "cpu", 2, 1000, "jdk", null, List.of(), List.of());

  @TempDir Path out;

  private static IntervalStats ended(int arrivals, int ok, int broken, double seconds, int p99Ms) {
    int refused = arrivals - ok - broken;
    return new IntervalStats(
        arrivals,
        ok,
        refused,
        0,
        Map.of(200, ok),
        broken,
        0,
        0,
        seconds,
        1000L * p99Ms / 2,
        1000L * p99Ms,
        1000L * p99Ms,
        0,
        0);
  }

  /** A capacity of 100/s; each step lasts 2 s of which 1 s counts, the calm after it too. */
  private static Measured row(int burstOk, int burstP99Ms, int wellAfterSlices, int broken) {
    List<Step> steps =
        List.of(
            new Step(50, 2000),
            new Step(70, 2000),
            new Step(100, 2000),
            new Step(200, 2000),
            new Step(500, 2000),
            new Step(70, 4000));
    List<IntervalStats> counted =
        List.of(
            ended(50, 50, 0, 1, 10),
            ended(70, 70, 0, 1, 12),
            ended(100, 100, 0, 1, 15),
            ended(200, 99, 0, 1, 20),
            ended(500, burstOk, broken, 1, burstP99Ms),
            ended(70, 70, 0, 3, 12));
    List<IntervalStats> slices = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      slices.add(ended(25, 25, i == 39 ? broken : 0, 0.25, 12));
    }
    for (int i = 0; i < 16; i++) {
      slices.add(i < wellAfterSlices ? ended(18, 10, 0, 0.25, 12) : ended(18, 18, 0, 0.25, 12));
    }
    return new Measured(
        "nima", Kind.CPU, 100, steps, new ArrivalLoad.Outcome(counted, slices, 0.2), 1.5, 0.1);
  }

  @Test
  void aServerThatGoesOnAtItsBestIsComparedWithItsPeakAndItsCalm() {
    Point point = OverloadAnalysis.point(row(95, 24, 2, 0));

    assertThat(point.peakPerSecond()).isEqualTo(100);
    assertThat(point.goodputOfPeak()).isEqualTo(0.95);
    assertThat(point.p99ByCalm()).isEqualTo(2);
    assertThat(point.recoverySeconds()).isEqualTo(0.5);
    assertThat(point.resets()).isZero();
    assertThat(point.targetReached()).isTrue();
    assertThat(OverloadAnalysis.finding(point)).contains("Reached").doesNotContain("Disturbed");
  }

  @Test
  void eachOfTheFourTargetsCanBeMissed() {
    assertThat(OverloadAnalysis.point(row(89, 24, 2, 0)).targetReached()).isFalse();
    assertThat(OverloadAnalysis.point(row(95, 37, 2, 0)).targetReached()).isFalse();
    assertThat(OverloadAnalysis.point(row(95, 24, 2, 1)).targetReached()).isFalse();
    Point never = OverloadAnalysis.point(row(95, 24, 14, 0));
    assertThat(never.recoverySeconds()).isNull();
    assertThat(never.targetReached()).isFalse();
    assertThat(OverloadAnalysis.finding(never))
        .contains("Not reached")
        .contains("Did not recover after the burst");
  }

  @Test
  void aServerThatDoesNothingReachesNothing() {
    assertThat(OverloadAnalysis.point(row(0, 0, 0, 0)).targetReached()).isFalse();
  }

  @Test
  void theReportIsMadeFromTheRawFileAlone() throws IOException {
    Json.write(
        OverloadAnalysis.raw(out),
        new OverloadAnalysis.Raw(MACHINE, "The setting.", 1, List.of(row(95, 24, 2, 0))));
    ReportPage page = OverloadAnalysis.report(out);

    assertThat(OverloadAnalysis.complete(out)).isTrue();
    assertThat(page.sections()).hasSize(1);
    assertThat(page.sections().getFirst().cells()).hasSize(6);
    assertThat(page.sections().getFirst().cells().get(4))
        .startsWith("nima /cpu", "5.0", "500", "95.0", "0.95");
    assertThat(page.sections().getFirst().charts().getFirst().lines().getFirst().x())
        .containsExactly(50, 70, 100, 200, 500);
    assertThat(Files.readString(out.resolve("report.html"))).contains("Goodput of /cpu");
    assertThat(Files.readString(out.resolve("report.md"))).contains("| nima /cpu | 5.0 | 500 |");
  }
}
