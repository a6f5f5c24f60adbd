package dev.handlermodels.loadtests.bench.scenario.decide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.loadtests.bench.Scenarios;
import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.report.ReportPage;
import dev.handlermodels.loadtests.bench.scenario.ScenarioFile;
import dev.handlermodels.loadtests.bench.scenario.decide.DecideAnalysis.Candidate;
import dev.handlermodels.loadtests.bench.scenario.decide.DecideAnalysis.Choice;
import dev.handlermodels.loadtests.bench.scenario.decide.DecideAnalysis.Measured;
import dev.handlermodels.loadtests.bench.scenario.decide.DecideAnalysis.Question;
import dev.handlermodels.loadtests.bench.scenario.decide.DecideAnalysis.Work;
import dev.handlermodels.loadtests.load.Json;
import dev.handlermodels.loadtests.load.KeepAliveLoad.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DecideAnalysisTest {
  private static final Question QUESTION = new Question(500, 1000, 2, 2000, 40, 8, 64, null);

  @Test
  void mostAnswersInTimeWin() {
    Choice choice =
        choice(
            Work.BLOCKING_LIBRARY,
            row(Work.BLOCKING_LIBRARY, 0, 400, 400, 300, 200),
            row(Work.BLOCKING_LIBRARY, 1, 5000, 5000, 300, 200),
            row(Work.BLOCKING_LIBRARY, 2, 400, 0, 300, 200));

    assertThat(choice.winner()).isEqualTo("nima /io/blocking");
    assertThat(choice.asGood()).isEmpty();
    assertThat(choice.adviceHeld()).isFalse();
    assertThat(choice.why())
        .startsWith("A blocking library that cannot be changed: nima /io/blocking, 500.0")
        .contains("vertx /io/offloaded: 12.5 times fewer")
        .contains("blocking /io/blocking: only 0.0 % of its 40.0 answers/s in time")
        .contains("The published advice (thread pool) did not hold here.");
  }

  @Test
  void ofTwoThatAreAsGoodTheCheaperWinsAndTheAdviceHoldsForEither() {
    Choice choice =
        choice(
            Work.MANY_CALLS,
            row(Work.MANY_CALLS, 0, 4900, 4900, 300, 200),
            row(Work.MANY_CALLS, 1, 5000, 5000, 250, 200),
            row(Work.MANY_CALLS, 2, 400, 400, 300, 200));

    assertThat(choice.winner()).isEqualTo("nima /io");
    assertThat(choice.asGood()).containsExactly("vertx /io");
    assertThat(choice.adviceHeld()).isTrue();
    assertThat(choice.why()).contains("vertx /io: as good within 5 %, with 300 µs of CPU each");
  }

  @Test
  void littleMemoryIsDecidedByMemory() {
    Choice choice =
        choice(
            Work.LITTLE_MEMORY,
            row(Work.LITTLE_MEMORY, 0, 5000, 5000, 300, 190),
            row(Work.LITTLE_MEMORY, 1, 5000, 5000, 300, 150),
            row(Work.LITTLE_MEMORY, 2, 400, 400, 300, 100));

    assertThat(choice.winner()).isEqualTo("nima /io");
    assertThat(choice.adviceHeld()).isFalse();
    assertThat(choice.why()).contains("vertx /io: as many, with 190 MiB");
  }

  @Test
  void whereNobodyIsInTimeNobodyWins() {
    Choice choice =
        choice(
            Work.MIXED,
            row(Work.MIXED, 0, 1000, 100, 300, 200),
            row(Work.MIXED, 1, 1000, 200, 300, 200),
            row(Work.MIXED, 2, 1000, 0, 300, 200));

    assertThat(choice.winner()).isNull();
    assertThat(choice.adviceHeld()).isNull();
    assertThat(choice.why())
        .startsWith("Mixed: a call, then CPU work: no model. The best, nima /mixed, gave 20.0 %")
        .contains("Compare users × --cpu-ms");
  }

  @Test
  void anAntiPatternNeverWinsHoweverManyAnswersItGives() {
    Measured[] rows = new Measured[5];
    for (int i = 0; i < 5; i++) {
      rows[i] = row(Work.CPU_BOUND, i, 800 + 20 * i, 800 + 20 * i, 2500 - 10 * i, 200);
    }
    Choice choice = choice(Work.CPU_BOUND, rows);
    assertThat(choice.winner()).isEqualTo("blocking /cpu");
    assertThat(choice.asGood()).containsExactly("nima /cpu", "vertx /cpu");
    assertThat(choice.why())
        .contains("nima /cpu/inline: an anti-pattern, which never wins: with its 88.0 answers/s");
  }

  @Test
  void whereOnlyAnAntiPatternIsInTimeNobodyWins() {
    Measured[] rows = new Measured[5];
    for (int i = 0; i < 5; i++) {
      rows[i] = row(Work.CPU_BOUND, i, 800, i < 3 ? 100 + i : 800, 2500, 200);
    }
    Choice choice = choice(Work.CPU_BOUND, rows);
    assertThat(choice.winner()).isNull();
    assertThat(choice.why()).contains("The best, blocking /cpu, gave");
  }

  @Test
  void theLineOfAKindOfWorkSaysWhatLimitsItsWinner() {
    assertThat(limit(Work.MANY_CALLS, "nima /io")).isEqualTo("500 users / 1,000 ms = 500/s");
    assertThat(limit(Work.BLOCKING_LIBRARY, "vertx /io/offloaded"))
        .isEqualTo("40 threads / 1,000 ms = 40/s");
    assertThat(limit(Work.FEW_USERS, "blocking /io")).isEqualTo("8 users / 1,000 ms = 8/s");
    assertThat(limit(Work.CPU_BOUND, "vertx /cpu")).isEqualTo("2 processors / 2 ms = 1,000/s");
    assertThat(limit(Work.MIXED, "vertx /mixed")).isEqualTo("500 users / 1,000 ms = 500/s");
    assertThat(limit(Work.MIXED, null)).isEqualTo("500 users / 1,000 ms = 500/s");
  }

  private static String limit(Work work, String winner) {
    return DecideAnalysis.limit(new Choice(work, winner, List.of(), null, ""), QUESTION, 2);
  }

  @Test
  void millisecondsOfCpuBecomeUnitsOfWhatThisMachineTakesForOne() {
    assertThat(QUESTION.work()).isEqualTo(2);
    assertThat(new Question(500, 1000, 3, 2000, 40, 8, 64, 1.5).work()).isEqualTo(2);
    assertThat(new Question(500, 1000, 1, 2000, 40, 8, 64, 3.0).work()).isEqualTo(1);
  }

  @Test
  void everyKindOfWorkIsExplainedByTheArithmeticOfTheCallersFigures() {
    assertThat(DecideAnalysis.why(Work.MANY_CALLS, QUESTION, 2))
        .contains("all 500 users wait at once, so at most 500/s", "let 40, so at most 40/s");
    assertThat(DecideAnalysis.why(Work.CPU_BOUND, QUESTION, 2))
        .contains("2 cores make at most 1,000/s of 2 ms each");
    assertThat(Work.values())
        .allSatisfy(work -> assertThat(DecideAnalysis.why(work, QUESTION, 2)).startsWith("Why: "));
  }

  @Test
  void everyKindOfWorkHasACandidateOfEachServer() {
    assertThat(Work.values())
        .allSatisfy(
            work ->
                assertThat(work.candidates.stream().map(Candidate::server).distinct())
                    .containsExactly("vertx", "nima", "blocking"));
  }

  @Test
  void theReportIsMadeFromTheRawFileAlone(@TempDir Path out) throws IOException {
    Machine machine = new Machine("os", "cpu", 2, 1024, "jdk", null, List.of(), List.of());
    List<Measured> rows = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      rows.add(row(Work.FEW_USERS, i, 80, 80, 300, 200));
    }
    Json.write(
        DecideAnalysis.raw(out), new DecideAnalysis.Raw(machine, "setting", QUESTION, 20, rows));
    ScenarioFile.write(out, new DecideCommand().id());

    ReportPage page = Scenarios.rewrite(out);

    assertThat(DecideAnalysis.complete(out)).isFalse();
    assertThat(page.findings())
        .anyMatch(finding -> finding.startsWith("Few users: "))
        .noneMatch(finding -> finding.contains("advice"))
        .anyMatch(finding -> finding.startsWith("17 of 20 measurements are missing"));
    assertThat(page.sections().getFirst().heading()).isEqualTo("In short");
    assertThat(page.sections().getFirst().cells())
        .containsExactly(
            List.of(
                "Few users", "vertx /io", "nima /io, blocking /io", "8 users / 1,000 ms = 8/s"));
    page.sections()
        .forEach(section -> assertThat(section.cells().getFirst()).hasSameSizeAs(section.head()));
    assertThat(Files.readString(out.resolve("report.md"))).contains("| vertx /io | ");
  }

  private static Choice choice(Work work, Measured... rows) {
    return DecideAnalysis.choice(work, List.of(rows), QUESTION);
  }

  private static Measured row(
      Work work, int candidate, long answers, long inTime, double cpuUs, double rssMiB) {
    Outcome outcome =
        new Outcome(
            2 * answers,
            0,
            answers,
            10,
            answers / 10.0,
            1_000_000,
            1_100_000,
            1_200_000,
            0.1,
            inTime,
            0L,
            answers);
    return new Measured(work, work.candidates.get(candidate), 500, outcome, cpuUs, rssMiB, 0.0);
  }
}
