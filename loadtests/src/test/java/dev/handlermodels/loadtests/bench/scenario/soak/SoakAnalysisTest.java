package dev.handlermodels.loadtests.bench.scenario.soak;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.report.ReportPage;
import dev.handlermodels.loadtests.bench.scenario.soak.SoakAnalysis.IdleState;
import dev.handlermodels.loadtests.bench.scenario.soak.SoakAnalysis.Measured;
import dev.handlermodels.loadtests.bench.scenario.soak.SoakAnalysis.Metric;
import dev.handlermodels.loadtests.bench.scenario.soak.SoakAnalysis.Point;
import dev.handlermodels.loadtests.bench.scenario.soak.SoakAnalysis.SoakSample;
import dev.handlermodels.loadtests.bench.stats.Trend;
import dev.handlermodels.loadtests.bench.stats.Trend.Course;
import dev.handlermodels.loadtests.load.ArrivalLoad;
import dev.handlermodels.loadtests.load.ArrivalLoad.IntervalStats;
import dev.handlermodels.loadtests.load.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SoakAnalysisTest {
  private static final Machine MACHINE =
      new Machine("Linux", "cpu", 2, 1000, "jdk", null, List.of(), List.of());
  private static final int WARMUP_MS = 300_000;
  private static final int EVERY_MS = 20_000;
  private static final IdleState BEFORE = new IdleState(0L, 60, 30, 20_000_000L, 1000, true);
  private static final IdleState AFTER = new IdleState(0L, 58, 31, 20_100_000L, 1200, true);

  @TempDir Path out;

  /** 300 requests a second; in the warm-up everything grows. */
  private static List<SoakSample> looks(double bytesPerRequest, double filesPerRequest) {
    Random random = new Random(3);
    List<SoakSample> looks = new ArrayList<>();
    for (int i = 0; i < 90; i++) {
      double seconds = 10 + i * 20.0;
      double requests = 300 * seconds;
      double warming = seconds < 300 ? 0.5 * seconds / 300 : 1;
      looks.add(
          new SoakSample(
              seconds,
              Math.round(
                  warming * 22_000_000
                      + bytesPerRequest * requests
                      + 300_000 * random.nextGaussian()),
              (int) (warming * 150 + filesPerRequest * requests + 10 * random.nextGaussian()),
              (int) (warming * 40),
              null,
              Math.round(warming * 400_000_000),
              30_000_000L,
              5_000_000L,
              (long) random.nextInt(20),
              (long) requests));
    }
    return looks;
  }

  private static IntervalStats ended(int seconds, int p99Ms) {
    int arrivals = 300 * seconds;
    int hungUp = arrivals / 20;
    int ok = arrivals - hungUp - 2;
    return new IntervalStats(
        arrivals,
        ok,
        1,
        0,
        Map.of(200, ok, 503, 1),
        1,
        0,
        0,
        seconds,
        20_000,
        p99Ms * 1000L,
        200_000,
        500,
        hungUp);
  }

  private static Measured row(IdleState after, String trouble) {
    List<IntervalStats> steps =
        List.of(ended(300, 90), ended(500, 50), ended(500, 51), ended(500, 55));
    ArrivalLoad.Outcome outcome =
        trouble == null
            ? new ArrivalLoad.Outcome(steps, List.of(ended(20, 50), ended(20, 60)), 0.2, 5000)
            : null;
    return new Measured(
        "nima", 428.6, 300, 5, WARMUP_MS, EVERY_MS, BEFORE, outcome, after, 0.9, 0.05, trouble);
  }

  @Test
  void aServerThatStaysAsItWasReachesTheTarget() {
    Point point = SoakAnalysis.point(row(AFTER, null), looks(0, 0), List.of());

    assertThat(point.trend(Metric.HEAP).looks()).isEqualTo(75);
    assertThat(point.requestsPerHour()).isEqualTo(300 * 3600);
    assertThat(Metric.ASKED).allMatch(figure -> point.trend(figure).course() == Course.FLAT);
    assertThat(point.trend(Metric.VIRTUAL)).isNull();
    assertThat(point.atMostPerRequest().get(Metric.HEAP.key)).isLessThan(Trend.FOUND);
    assertThat(point.targetReached()).isTrue();
    assertThat(SoakAnalysis.finding(point)).contains("live heap 20.9 MiB").endsWith("Reached.");
  }

  @Test
  void theFirstPartOfARunDoesNotCount() {
    Measured all =
        new Measured("nima", 428.6, 300, 5, 0, EVERY_MS, BEFORE, null, AFTER, 0.9, 0.05, null);

    Point point = SoakAnalysis.point(all, looks(0, 0), List.of());

    assertThat(point.trend(Metric.HEAP).looks()).isEqualTo(90);
    assertThat(point.trend(Metric.HEAP).perHour())
        .isGreaterThan(
            SoakAnalysis.point(row(AFTER, null), looks(0, 0), List.of())
                .trend(Metric.HEAP)
                .perHour());
  }

  @Test
  void aKilobyteForEachHundredthRequestMissesTheTargetAndIsNamed() {
    Point point =
        SoakAnalysis.point(
            row(AFTER, null),
            looks(10.24, 0),
            List.of(
                new SoakAnalysis.GrownClass("[B", 5_000_000),
                new SoakAnalysis.GrownClass("Leaked", 300_000)));

    assertThat(point.trend(Metric.HEAP).course()).isEqualTo(Course.GROWS);
    assertThat(point.targetReached()).isFalse();
    assertThat(SoakAnalysis.finding(point))
        .contains("grows", "Grown most: [B by 4,882 KiB, Leaked by 292 KiB.")
        .endsWith("Not reached.");
  }

  @Test
  void aDescriptorForEachTenThousandthRequestMissesTheTarget() {
    Point point = SoakAnalysis.point(row(AFTER, null), looks(0, 1e-4), List.of());

    assertThat(point.trend(Metric.FILES).course()).isEqualTo(Course.GROWS);
    assertThat(point.targetReached()).isFalse();
  }

  @Test
  void whatIsLeftWhenAllIsOverMissesTheTarget() {
    assertThat(new IdleState(1L, 60, 30, null, 0, true).isBackTo(BEFORE)).isFalse();
    assertThat(new IdleState(0L, 71, 30, null, 0, true).isBackTo(BEFORE)).isFalse();
    assertThat(new IdleState(0L, 60, 41, null, 0, true).isBackTo(BEFORE)).isFalse();
    assertThat(new IdleState(0L, 70, 40, null, 0, true).isBackTo(BEFORE)).isTrue();
    Point point =
        SoakAnalysis.point(
            row(new IdleState(3L, 60, 30, 1L, 30_000, false), null), looks(0, 0), List.of());

    assertThat(point.targetReached()).isFalse();
    assertThat(SoakAnalysis.finding(point))
        .contains("3 requests in flight")
        .contains("not as before");
  }

  @Test
  void clientsAreCountedWithTheWarmUpAndTheirPercentilesWithoutIt() {
    SoakAnalysis.Load load = SoakAnalysis.point(row(AFTER, null), looks(0, 0), List.of()).load();

    assertThat(load.arrivals()).isEqualTo(300 * 1800);
    assertThat(load.hungUpShare()).isEqualTo(0.05);
    assertThat(load.refused()).isEqualTo(4);
    assertThat(load.resets()).isEqualTo(4);
    assertThat(load.firstP99Ms()).isEqualTo(50);
    assertThat(load.lastByFirst()).isEqualTo(1.1);
  }

  @Test
  void theReportIsMadeFromTheRawFilesAlone() throws IOException {
    write(row(AFTER, null), 1, looks(0, 0));
    Files.writeString(
        out.resolve("nima").resolve(SoakAnalysis.HEAP_FIRST),
        "   1:  10  1000  [B (java.base@25)\n");
    Files.writeString(
        out.resolve("nima").resolve(SoakAnalysis.HEAP_LAST),
        "   1:  10  1500  [B (java.base@25)\n   2:  1  16  a.B\n");

    ReportPage page = SoakAnalysis.report(out);

    assertThat(SoakAnalysis.complete(out)).isTrue();
    assertThat(page.sections()).hasSize(3);
    assertThat(page.sections().getFirst().cells().getFirst())
        .startsWith("nima, live heap", "20.9 MiB")
        .endsWith("75", "flat");
    assertThat(page.sections().getFirst().charts().getFirst().lines().getFirst().y()).hasSize(90);
    assertThat(Files.readString(out.resolve("results.json")))
        .contains("\"name\" : \"[B\"", "\"bytes\" : 500", "\"liveHeapBytes\"");
    assertThat(Files.readString(out.resolve("report.html"))).contains("live heap");
    assertThat(new SoakCommand().id()).isEqualTo("SOAK");
  }

  @Test
  void aRunThatWasCutShortReportsWhatItHas() throws IOException {
    write(row(null, "The bench was interrupted."), 3, looks(0, 0).subList(0, 40));

    ReportPage page = SoakAnalysis.report(out);

    assertThat(SoakAnalysis.complete(out)).isFalse();
    assertThat(page.sections().getFirst().cells()).isNotEmpty();
    assertThat(page.findings())
        .anyMatch(finding -> finding.contains("Cut short: The bench was interrupted."))
        .anyMatch(finding -> finding.startsWith("2 of 3 servers are missing"));
  }

  private void write(Measured row, int planned, List<SoakSample> looks) throws IOException {
    Json.write(
        SoakAnalysis.raw(out),
        new SoakAnalysis.Raw(MACHINE, "The setting.", planned, List.of(row)));
    Files.createDirectories(out.resolve("nima"));
    Files.write(
        SoakAnalysis.looks(out, "nima"),
        looks.stream().map(Json.LINE::writeValueAsString).toList());
  }
}
