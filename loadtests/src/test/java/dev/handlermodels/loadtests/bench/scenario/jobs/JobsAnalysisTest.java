package dev.handlermodels.loadtests.bench.scenario.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.loadtests.bench.Scenarios;
import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.report.ReportPage;
import dev.handlermodels.loadtests.bench.scenario.ScenarioFile;
import dev.handlermodels.loadtests.bench.scenario.jobs.JobsAnalysis.ExecutionMode;
import dev.handlermodels.loadtests.bench.scenario.jobs.JobsAnalysis.Point;
import dev.handlermodels.loadtests.bench.scenario.jobs.JobsAnalysis.Round;
import dev.handlermodels.loadtests.load.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JobsAnalysisTest {
  @Test
  void theSpeedUpIsAgainstTheSequentialMedianAndSharedOutOverTheCores() {
    List<Point> points =
        JobsAnalysis.points(
            List.of(
                round(ExecutionMode.SEQUENTIAL, 1, 11_000),
                round(ExecutionMode.SEQUENTIAL, 2, 12_000),
                round(ExecutionMode.SEQUENTIAL, 3, 15_000),
                round(ExecutionMode.THREADS_VERTX, 1, 6_000),
                round(ExecutionMode.THREADS_NIMA, 1, 8_000)),
            2);

    assertThat(points.getFirst().speedUp()).isEqualTo(1);
    assertThat(points.getFirst().perCore()).isEqualTo(0.5);
    assertThat(points.getFirst().targetReached()).isNull();
    assertThat(points.get(1).speedUp()).isEqualTo(2);
    assertThat(points.get(1).perCore()).isEqualTo(1);
    assertThat(points.get(1).targetReached()).isTrue();
    assertThat(points.get(2).speedUp()).isEqualTo(1.5);
    assertThat(points.get(2).targetReached()).isFalse();
  }

  @Test
  void withoutASequentialRoundThereIsNothingToCompareWith() {
    Point point = JobsAnalysis.points(List.of(round(ExecutionMode.LOOP, 1, 11_000)), 2).getFirst();

    assertThat(point.speedUp()).isNull();
    assertThat(point.perCore()).isNull();
  }

  @Test
  void theTargetIsNamedForTheCoresThatThereAre() {
    List<Round> rounds =
        List.of(
            round(ExecutionMode.SEQUENTIAL, 1, 12_000),
            round(ExecutionMode.THREADS_VERTX, 1, 6_500));

    assertThat(JobsAnalysis.findings(JobsAnalysis.points(rounds, 2), 2).getFirst())
        .isEqualTo(
            "at once in threads, vertx /cpu: 1.85 times as fast as one after the other on 2 cores"
                + " (target 1.8: reached); published for Python, where the GIL lets one thread"
                + " compute at a time: 1.05 times on 4.");
    assertThat(JobsAnalysis.findings(JobsAnalysis.points(rounds, 4), 4).getFirst())
        .contains("target 3.6: not reached");
  }

  @Test
  void aBusyMachineIsNamed() {
    List<Round> rounds = List.of(new Round(ExecutionMode.SEQUENTIAL, 1, 12_000, 12_000.0, 0.5));

    assertThat(JobsAnalysis.findings(JobsAnalysis.points(rounds, 2), 2))
        .anyMatch(finding -> finding.startsWith("Some rounds were disturbed"));
  }

  @Test
  void theReportSetsThePublishedFiguresBeside(@TempDir Path out) throws IOException {
    Machine machine = new Machine("os", "cpu", 8, 1024, "jdk", null, List.of(), List.of());
    List<Round> rounds =
        List.of(
            round(ExecutionMode.SEQUENTIAL, 1, 12_000), round(ExecutionMode.PROCESSES, 1, 3_000));
    Json.write(
        JobsAnalysis.raw(out), new JobsAnalysis.Raw(machine, "setting", 3000, "ab", 3, rounds));
    ScenarioFile.write(out, new JobsCommand().id());

    ReportPage page = Scenarios.rewrite(out);

    assertThat(JobsAnalysis.complete(out)).isFalse();
    assertThat(page.findings())
        .contains("The run was cut short: rounds are missing.")
        .contains(
            "at once in four JVMs, blocking /cpu: 4.00 times as fast as one after the other;"
                + " published for Python: 4.00 times on 4 cores.");
    assertThat(page.sections().getFirst().cells())
        .containsExactly(
            List.of(
                "one after the other, vertx /cpu",
                "12.00 s",
                "12.00–12.00",
                "1.00",
                "0.25",
                "11.00 s",
                "40 s",
                "1.00",
                "0.25"),
            List.of(
                "at once in four JVMs, blocking /cpu",
                "3.00 s",
                "3.00–3.00",
                "4.00",
                "1.00",
                "11.00 s",
                "10 s",
                "4.00",
                "1.00"));
    assertThat(Files.readString(out.resolve("report.html"))).contains("published: Python");
  }

  private static Round round(ExecutionMode way, int number, double wallMs) {
    return new Round(way, number, wallMs, 11_000.0, 0.1);
  }
}
