package dev.handlermodels.loadtests.bench.scenario.decide;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.report.ReportPage;
import dev.handlermodels.loadtests.bench.scenario.decide.StepArithmetic.Model;
import dev.handlermodels.loadtests.bench.scenario.decide.StepsAnalysis.Measured;
import dev.handlermodels.loadtests.bench.scenario.decide.StepsAnalysis.Raw;
import dev.handlermodels.loadtests.bench.servers.Servers;
import dev.handlermodels.loadtests.load.Json;
import dev.handlermodels.loadtests.load.KeepAliveLoad;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StepsAnalysisTest {
  private static final Machine MACHINE =
      new Machine("Linux", "cpu", 2, 1000, "jdk", null, List.of(), List.of());

  private static final StepArithmetic EXAMPLE =
      new StepArithmetic(Steps.of(List.of("call:80", "call:80", "sql:20@20")), 300, 500, 40, 2);

  @TempDir Path out;

  private static Measured row(
      Model model, String server, double perSecond, long failures, double busyCores) {
    return new Measured(
        model,
        server,
        new KeepAliveLoad.Outcome(
            20_000,
            failures,
            (long) (perSecond * 15),
            15,
            perSecond,
            (long) (300 / perSecond * 1e6),
            400_000,
            500_000,
            0.1,
            (long) (perSecond * 15),
            0L,
            (long) (perSecond * 15)),
        0.7,
        busyCores);
  }

  private static Raw raw(Measured... rows) {
    return new Raw(MACHINE, "The setting.", EXAMPLE, rows.length, List.of(rows));
  }

  private static String finding(Measured row) {
    return StepsAnalysis.finding(raw(row), row);
  }

  @Test
  void aRunWithinTenPercentAgrees() {
    assertThat(finding(row(Model.EVENT_LOOP, Servers.EVENT_LOOP, 970, 0, 1.5)))
        .startsWith(
            "event loop, all clients asynchronous, "
                + Servers.EVENT_LOOP
                + ": 970.0 answers/s of at most 1,000/s (pool for sql), and p50 309 ms where 300 ms"
                + " are the least.")
        .endsWith("The run agrees with the arithmetic.");
    assertThat(finding(row(Model.POOL, Servers.THREAD_POOL, 220, 0, 0.4)))
        .contains("220.0 answers/s of at most 222/s (pool threads)")
        .endsWith("agrees with the arithmetic.");
    assertThat(finding(row(Model.POOL, Servers.THREAD_POOL, 250, 0, 0.4)))
        .endsWith("does not agree with the arithmetic, and processors were left.");
  }

  @Test
  void processorsThatGiveOutFirstAreNamed() {
    assertThat(finding(row(Model.VIRTUAL_THREADS, Servers.VIRTUAL_THREADS, 700, 0, 1.9)))
        .contains("The processors gave out first: 1.90 of 2 cores were busy");
  }

  @Test
  void aRunWithFailuresIsNotCompared() {
    assertThat(finding(row(Model.EVENT_LOOP, Servers.EVENT_LOOP, 990, 3, 1.5)))
        .endsWith("Of all requests 3 failed, so the figures cannot be compared.");
  }

  @Test
  void theReportIsMadeFromTheRawFileAloneAndShowsTheArithmeticToo() throws IOException {
    Json.write(
        StepsAnalysis.raw(out),
        raw(
            row(Model.EVENT_LOOP, Servers.EVENT_LOOP, 970, 0, 1.5),
            row(Model.POOL, Servers.THREAD_POOL, 220, 0, 0.4)));
    ReportPage page = StepsAnalysis.report(out);

    assertThat(StepsAnalysis.complete(out)).isTrue();
    assertThat(page.sections()).hasSize(3);
    assertThat(page.sections().getFirst().cells().getLast())
        .startsWith("fixed pool, " + Servers.THREAD_POOL, "222/s", "220.0/s", "99.0 %")
        .endsWith("agrees");
    assertThat(page.findings()).anyMatch(finding -> finding.contains("20 / 20 ms = 1,000/s"));
  }

  @Test
  void cpuWorkIsAskedForInUnitsOfThisMachine() {
    StepArithmetic arithmetic =
        new StepArithmetic(Steps.of(List.of("call:80", "sql:20@20", "cpu:3")), 300, 500, 40, 2);
    assertThat(new StepsRun(null, null, null, arithmetic, 1.5, 1, 1).path())
        .isEqualTo("/steps?steps=call:80,sql:20,cpu:2");
    assertThat(new StepsRun(null, null, null, arithmetic, 20.0, 1, 1).path()).endsWith("cpu:1");
  }

  @Test
  void whatOneRequestMayNotAskForIsRefused() {
    assertThatThrownBy(() -> StepsRun.check(Steps.of(List.of("call:20000", "call:1"))))
        .hasMessage("--run measures at most 20000 ms of call in one request.");
    StepsRun.check(Steps.of(List.of("call:20000", "sql:10000", "cpu:1000")));
  }
}
