package dev.handlermodels.loadtests.bench.scenario.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.loadtests.bench.Scenarios;
import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.report.ReportPage;
import dev.handlermodels.loadtests.bench.scenario.ScenarioFile;
import dev.handlermodels.loadtests.bench.scenario.fanout.FanoutAnalysis.CallStrategy;
import dev.handlermodels.loadtests.bench.scenario.fanout.FanoutAnalysis.Point;
import dev.handlermodels.loadtests.bench.scenario.fanout.FanoutAnalysis.Round;
import dev.handlermodels.loadtests.bench.scenario.fanout.FanoutAnalysis.Table;
import dev.handlermodels.loadtests.bench.stats.Spread;
import dev.handlermodels.loadtests.load.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FanoutAnalysisTest {
  @Test
  void theTargetHoldsForAThousandSecondsAtOnceAndForNothingElse() {
    assertThat(point(Table.SECOND, CallStrategy.LOOP, 1000, 1299).targetReached()).isTrue();
    assertThat(point(Table.SECOND, CallStrategy.VIRTUAL, 1000, 1300).targetReached()).isFalse();
    assertThat(point(Table.SECOND, CallStrategy.POOL, 1000, 50_000).targetReached()).isNull();
    assertThat(point(Table.LOCALHOST, CallStrategy.LOOP, 45, 80).targetReached()).isNull();
    assertThat(fewer().targetReached()).isNull();
  }

  @Test
  void fewerCallsThanPublishedAreNamed() {
    assertThat(FanoutAnalysis.findings(List.of(fewer())))
        .containsExactly(
            "1 of 1 rows were measured with 200 calls instead of the published 1,000.");
  }

  @Test
  void whatHoldsForSeveralRowsIsSaidOnce() {
    assertThat(
            FanoutAnalysis.findings(
                List.of(
                    point(Table.SECOND, CallStrategy.SEQUENTIAL, 10, 11_000),
                    point(Table.SECOND, CallStrategy.POOL, 10, 1_100))))
        .containsExactly(
            "2 of 2 rows were measured with a wait of 10 ms instead of the published 1,000 ms, so"
                + " the wall time cannot be compared with the published one.");
  }

  @Test
  void aRowWithAnotherWaitThanThePublishedOneSaysSo() {
    assertThat(
            FanoutAnalysis.findings(
                List.of(point(Table.SECOND, CallStrategy.SEQUENTIAL, 10, 11_000))))
        .singleElement()
        .asString()
        .contains("measured with a wait of 10 ms instead of the published 1,000 ms");
    assertThat(
            FanoutAnalysis.findings(
                List.of(point(Table.LOCALHOST, CallStrategy.SEQUENTIAL, 45, 46_000))))
        .isEmpty();
  }

  @Test
  void aPointIsTheMedianOfItsRoundsWithTheHighestMemoryAndAllFailures() {
    Point point =
        FanoutAnalysis.points(
                List.of(
                    round(Table.SECOND, CallStrategy.LOOP, 1, 1000, 1200, 200, 1),
                    round(Table.SECOND, CallStrategy.LOOP, 2, 1000, 1100, 240, 2),
                    round(Table.SECOND, CallStrategy.LOOP, 3, 1000, 1500, 220, 0)))
            .getFirst();

    assertThat(point.wallMs()).isEqualTo(new Spread(1200, 1100, 1500));
    assertThat(point.rssPeakMiB()).isEqualTo(240);
    assertThat(point.failed()).isEqualTo(3);
    assertThat(FanoutAnalysis.findings(List.of(point))).anyMatch(f -> f.contains("3 calls failed"));
  }

  @Test
  void theReportSetsThePublishedFiguresBeside(@TempDir Path out) throws IOException {
    Machine machine = new Machine("os", "cpu", 2, 1024, "jdk", null, List.of(), List.of());
    List<Round> rounds =
        List.of(
            round(Table.LOCALHOST, CallStrategy.POOL, 1, 45, 2300, 200, 0),
            round(Table.LOCALHOST, CallStrategy.VIRTUAL, 1, 45, 100, 200, 0));
    Json.write(FanoutAnalysis.raw(out), new FanoutAnalysis.Raw(machine, "setting", 2, rounds));
    ScenarioFile.write(out, new FanoutCommand().id());

    ReportPage page = Scenarios.rewrite(out);

    assertThat(FanoutAnalysis.complete(out)).isTrue();
    assertThat(page.sections().getFirst().cells()).isEmpty();
    assertThat(page.sections().getLast().cells().getFirst())
        .containsExactly(
            "20 threads of a pool, blocking",
            "1,000",
            "45 ms",
            "20",
            "2,250 ms",
            "2,300 ms",
            "230 ms",
            "10.0 %",
            "200 MiB",
            "0",
            "3.1 s",
            "180 MB",
            "85 %");
    assertThat(page.sections().getLast().cells().getLast()).endsWith("–", "–", "–");
  }

  private static Point fewer() {
    return FanoutAnalysis.points(
            List.of(
                new Round(
                    Table.SECOND, CallStrategy.LOOP, 1, 200, 1000, 200, 0, 1050, null, null, null)))
        .getFirst();
  }

  private static Point point(Table table, CallStrategy way, int waitMs, double wallMs) {
    return FanoutAnalysis.points(List.of(round(table, way, 1, waitMs, wallMs, 200, 0))).getFirst();
  }

  private static Round round(
      Table table,
      CallStrategy way,
      int number,
      int waitMs,
      double wallMs,
      double rssMiB,
      int failed) {
    return new Round(
        table, way, number, 1000, waitMs, way.concurrency, failed, wallMs, 230.0, rssMiB, 0.1);
  }
}
