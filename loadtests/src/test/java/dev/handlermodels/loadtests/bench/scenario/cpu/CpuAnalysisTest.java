package dev.handlermodels.loadtests.bench.scenario.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.loadtests.bench.Scenarios;
import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.report.ReportPage;
import dev.handlermodels.loadtests.bench.scenario.ScenarioFile;
import dev.handlermodels.loadtests.bench.scenario.cpu.CpuAnalysis.BackgroundLoad;
import dev.handlermodels.loadtests.bench.scenario.cpu.CpuAnalysis.Measured;
import dev.handlermodels.loadtests.bench.scenario.cpu.CpuAnalysis.Point;
import dev.handlermodels.loadtests.load.Json;
import dev.handlermodels.loadtests.load.KeepAliveLoad.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CpuAnalysisTest {
  private static final int WAIT_MS = 200;
  private static final int WORK = 100;

  @Test
  void theTargetHoldsForWorkThatIsHandedOffAndForNothingElse() {
    assertThat(point(BackgroundLoad.CPU, 300).targetReached()).isTrue();
    assertThat(point(BackgroundLoad.CPU, 301).targetReached()).isFalse();
    assertThat(point(BackgroundLoad.CPU_INLINE, 900).targetReached()).isNull();
    assertThat(point(BackgroundLoad.NOTHING, 200).targetReached()).isNull();
  }

  @Test
  void aPointHoldsMultiplesOfTheWaitAndUnitsOfWork() {
    Point point = point(BackgroundLoad.CPU, 250);

    assertThat(point.p99ByWait()).isEqualTo(1.25);
    assertThat(point.cpuPerSecond()).isEqualTo(20);
    assertThat(point.unitsPerSecond()).isEqualTo(2000);
    assertThat(point.failures()).isEqualTo(3);
    assertThat(point(BackgroundLoad.NOTHING, 250).unitsPerSecond()).isNull();
    assertThat(point(BackgroundLoad.NOTHING, 250).failures()).isEqualTo(1);
  }

  @Test
  void aFindingSetsEachLoadBesideTheSameServerAlone() {
    List<String> findings =
        CpuAnalysis.findings(
            List.of(point(BackgroundLoad.NOTHING, 202), point(BackgroundLoad.CPU_INLINE, 900)), 2);

    assertThat(findings)
        .singleElement()
        .asString()
        .startsWith(
            "vertx beside /cpu/inline: p99 of /io is 900 ms, 4.50 times the wait; alone p99")
        .contains("was 1.01 times the wait; 2,000 units of work/s")
        .contains("the loop computes, and everybody else waits")
        .contains("3 requests failed")
        .doesNotContain("Disturbed");
  }

  /** No answer is no fast answer. */
  @Test
  void whereNobodyWasAnsweredThereIsNoLatency() {
    Outcome nothing = new Outcome(4, 0, 0, 20, 0, 0, 0, 0, 0.01);
    Point right =
        CpuAnalysis.point(
            new Measured("nima", BackgroundLoad.CPU, nothing, outcome(400_000, 0), 1.9, 0.0),
            WAIT_MS,
            WORK);
    Point wrong =
        CpuAnalysis.point(
            new Measured("nima", BackgroundLoad.CPU_INLINE, nothing, nothing, 1.9, 0.0),
            WAIT_MS,
            WORK);

    assertThat(right.ioP99Ms()).isNull();
    assertThat(right.p99ByWait()).isNull();
    assertThat(right.targetReached()).isFalse();
    assertThat(wrong.cpuP99Ms()).isNull();
    assertThat(CpuAnalysis.findings(List.of(wrong), 1))
        .singleElement()
        .asString()
        .startsWith("nima beside /cpu/inline: no request to /io was answered in the whole window");
  }

  @Test
  void aBusyMachineAndMissingRowsAreNamed() {
    Measured busy =
        new Measured(
            "nima", BackgroundLoad.CPU, outcome(250_000, 1), outcome(400_000, 2), 1.5, 0.4);

    assertThat(CpuAnalysis.findings(List.of(CpuAnalysis.point(busy, WAIT_MS, WORK)), 9))
        .anyMatch(finding -> finding.contains("Disturbed: others used 0.40 cores"))
        .anyMatch(finding -> finding.startsWith("8 of 9 rows are missing"));
  }

  @Test
  void theReportIsMadeFromTheRawFileAlone(@TempDir Path out) throws IOException {
    Machine machine = new Machine("os", "cpu", 2, 1024, "jdk", null, List.of(), List.of());
    Measured row =
        new Measured(
            "vertx", BackgroundLoad.CPU, outcome(210_000, 0), outcome(400_000, 0), 1.9, 0.0);
    Json.write(
        CpuAnalysis.raw(out),
        new CpuAnalysis.Raw(machine, "setting", WAIT_MS, WORK, 1, List.of(row)));
    ScenarioFile.write(out, new CpuCommand().id());

    ReportPage page = Scenarios.rewrite(out);

    assertThat(CpuAnalysis.complete(out)).isTrue();
    assertThat(page.findings().getFirst()).contains("(target 1.5: reached)");
    assertThat(page.sections().getFirst().cells().getFirst())
        .startsWith("vertx beside /cpu", "200 ms", "210 ms", "1.05")
        .hasSameSizeAs(page.sections().getFirst().head());
    assertThat(Files.readString(out.resolve("report.md"))).contains("| vertx beside /cpu | ");
  }

  private static Point point(BackgroundLoad beside, int p99Ms) {
    return CpuAnalysis.point(
        new Measured(
            "vertx",
            beside,
            outcome(p99Ms * 1000L, 1),
            beside == BackgroundLoad.NOTHING ? null : outcome(400_000, 2),
            1.5,
            0.1),
        WAIT_MS,
        WORK);
  }

  private static Outcome outcome(long p99Us, long failures) {
    return new Outcome(500, failures, 400, 20, 20, 200_000, p99Us, p99Us + 1000, 0.05);
  }
}
