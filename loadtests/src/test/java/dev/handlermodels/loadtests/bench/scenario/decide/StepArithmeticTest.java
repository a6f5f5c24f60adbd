package dev.handlermodels.loadtests.bench.scenario.decide;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import dev.handlermodels.loadtests.bench.report.ReportPage;
import dev.handlermodels.loadtests.bench.report.ReportPageWriter;
import dev.handlermodels.loadtests.bench.scenario.decide.StepArithmetic.Model;
import dev.handlermodels.loadtests.bench.scenario.decide.StepArithmetic.Reach;
import dev.handlermodels.loadtests.bench.scenario.decide.StepArithmetic.Resource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StepArithmeticTest {
  /** Two calls of 80 ms, one query of 20 ms with a pool of 20, 300 users, 500 ms. */
  private static StepArithmetic example(int cores, String... more) {
    List<String> steps = new ArrayList<>(List.of("call:80", "call:80", "sql:20@20"));
    steps.addAll(List.of(more));
    return new StepArithmetic(Steps.of(steps), 300, 500, 40, cores);
  }

  private static Resource resource(StepArithmetic arithmetic, String name) {
    return arithmetic.shared().stream()
        .filter(resource -> resource.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void eachResourceHasACeilingOfPlacesDividedByTheTimeHeld() {
    StepArithmetic arithmetic = example(2, "cpu:3");

    assertThat(resource(arithmetic, "users").perSecond()).isEqualTo(1666.7, offset(0.1));
    assertThat(resource(arithmetic, "pool for sql").perSecond()).isEqualTo(1000);
    assertThat(resource(arithmetic, "processors").perSecond()).isEqualTo(666.7, offset(0.1));
    assertThat(arithmetic.leastMs()).isEqualTo(183);
  }

  @Test
  void withoutCpuWorkThePoolOfTheDatabaseBinds() {
    Reach loop = example(2).reach(Model.EVENT_LOOP);
    assertThat(loop.binding().name()).isEqualTo("pool for sql");
    assertThat(loop.perSecond()).isEqualTo(1000);
    assertThat(loop.added()).isNull();
  }

  @Test
  void withItTheProcessorsBindUntilThereAreEnoughOfThem() {
    assertThat(example(2, "cpu:3").reach(Model.VIRTUAL_THREADS).binding().name())
        .isEqualTo("processors");
    assertThat(example(4, "cpu:3").reach(Model.VIRTUAL_THREADS).binding().name())
        .isEqualTo("pool for sql");
  }

  @Test
  void aPoolOfHandlersOrWorkersAddsItsOwnCeiling() {
    StepArithmetic arithmetic = example(4, "cpu:3");
    for (Model model : List.of(Model.POOL, Model.WORKERS)) {
      Reach reach = arithmetic.reach(model);
      assertThat(reach.perSecond()).as(model.label).isEqualTo(222.2, offset(0.1));
      assertThat(reach.binding()).isEqualTo(reach.added());
      assertThat(arithmetic.answerMs(reach)).isEqualTo(1350, offset(0.1));
      assertThat(arithmetic.meetsSlo(reach)).isFalse();
      assertThat(arithmetic.usersInTime(reach)).isEqualTo(111);
    }
    assertThat(arithmetic.threadsNeeded()).isEqualTo(180);
  }

  @Test
  void aPoolThatIsLargeEnoughDoesNotBind() {
    StepArithmetic arithmetic =
        new StepArithmetic(Steps.of(List.of("call:80", "call:80", "sql:20@20")), 300, 500, 180, 4);
    assertThat(arithmetic.reach(Model.POOL).perSecond()).isEqualTo(1000);
    assertThat(arithmetic.best())
        .extracting(Reach::model)
        .containsExactly(Model.EVENT_LOOP, Model.VIRTUAL_THREADS, Model.WORKERS, Model.POOL);
  }

  @Test
  void anAnswerTakesAsLongAsItsTurnAndNoLessThanItsSteps() {
    StepArithmetic busy = example(2, "cpu:3");
    assertThat(busy.answerMs(busy.reach(Model.EVENT_LOOP))).isEqualTo(450, offset(0.1));
    assertThat(busy.usersInTime(busy.reach(Model.EVENT_LOOP))).isEqualTo(333);
    StepArithmetic alone = new StepArithmetic(Steps.of(List.of("call:80")), 1, 500, 40, 2);
    assertThat(alone.answerMs(alone.reach(Model.POOL))).isEqualTo(80);
    assertThat(alone.usersInTime(alone.reach(Model.EVENT_LOOP))).isNull();
  }

  @Test
  void whereOneRequestAloneIsTooLateNobodyIsInTime() {
    StepArithmetic slow = new StepArithmetic(Steps.of(List.of("call:800")), 5, 500, 40, 2);
    assertThat(slow.usersInTime(slow.reach(Model.EVENT_LOOP))).isZero();
    assertThat(slow.page().findings()).anyMatch(one -> one.contains("no model is within 500 ms"));
  }

  /** With one user, a blocked loop is as fast as any other; it is an anti-pattern all the same. */
  @Test
  void anAntiPatternNeverWins() {
    StepArithmetic alone = new StepArithmetic(Steps.of(List.of("call:80")), 1, 500, 40, 2);
    assertThat(alone.reach(Model.PINNED).perSecond())
        .isEqualTo(alone.reach(Model.EVENT_LOOP).perSecond());
    assertThat(alone.best()).extracting(Reach::model).noneMatch(model -> model.antiPattern);
    StepArithmetic many = example(2);
    assertThat(many.reach(Model.BLOCKED_LOOP).perSecond()).isEqualTo(11.1, offset(0.1));
    assertThat(many.reach(Model.PINNED).perSecond()).isEqualTo(11.1, offset(0.1));
  }

  @Test
  void stepsOfOneKindShareAPoolAndHoldItForAllOfTheirTime() {
    StepArithmetic arithmetic =
        new StepArithmetic(Steps.of(List.of("sql:20@20", "call:10", "sql:30")), 500, 500, 40, 2);
    assertThat(resource(arithmetic, "pool for sql"))
        .isEqualTo(new Resource("pool for sql", 20, 50));
  }

  @Test
  void cpuWorkAloneIsBoundByTheProcessorsOnAnyModel() {
    StepArithmetic arithmetic = new StepArithmetic(Steps.of(List.of("cpu:10")), 50, 500, 40, 2);
    assertThat(List.of(Model.values()))
        .allSatisfy(
            model ->
                assertThat(arithmetic.reach(model).perSecond()).as(model.label).isEqualTo(200));
    StepArithmetic fewer = new StepArithmetic(Steps.of(List.of("cpu:10@1")), 50, 500, 40, 2);
    assertThat(fewer.reach(Model.EVENT_LOOP).perSecond()).isEqualTo(100);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "call",
        "call:",
        "call:0",
        "call:60001",
        "disk:5",
        "call:5@0",
        "call:5@100001",
        "call:-5",
        "call:5@",
        "Call:5",
        "call:5 "
      })
  void aWrongStepIsRefusedWithWhatIsAccepted(String text) {
    assertThatThrownBy(() -> Steps.of(List.of(text)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "--step takes KIND:MS or KIND:MS@POOL (kinds: call, sql, cpu; 1 to 60000 ms; a pool of"
                + " 1 to 100000), not '"
                + text
                + "'.");
  }

  @Test
  void twoSizesOfOnePoolAndTooManyStepsAreRefused() {
    assertThatThrownBy(() -> Steps.of(List.of("sql:5@20", "sql:5@30")))
        .hasMessageContaining("sql:5@20 and sql:5@30 name two sizes");
    assertThatThrownBy(() -> Steps.of(Collections.nCopies(Steps.MOST + 1, "call:1")))
        .hasMessage("--step is given more than 32 times.");
  }

  @Test
  void thePageSaysTheArithmetic() {
    ReportPage page = example(2, "cpu:3").page();

    assertThat(page.setting()).contains("call:80, call:80, sql:20@20, cpu:3", "300 users");
    assertThat(page.findings())
        .contains(
            "A request waits 180 ms and computes 3 ms, so no answer is faster than 183 ms.",
            "The limit on any model: processors, 2 / 3 ms = 667/s.",
            "The fixed pool of 40 adds a ceiling of its own: 222/s. It would not bind with 120"
                + " threads.");
    assertThat(page.sections().getFirst().cells())
        .contains(
            List.of("users", "300", "180 ms", "1,667/s", ""),
            List.of("pool for sql", "20", "20 ms", "1,000/s", ""),
            List.of("processors", "2", "3 ms", "667/s", "binds"));
    page.sections()
        .forEach(
            section ->
                assertThat(section.cells())
                    .allSatisfy(cells -> assertThat(cells).hasSameSizeAs(section.head())));
    assertThat(ReportPageWriter.terminal(page)).contains("222/s", "anti-pattern");
  }
}
