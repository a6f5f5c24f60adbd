package dev.handlermodels.loadtests.bench.profile;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ContextSwitchesTest {
  @Test
  void bothKindsAreReadFromTheStatusOfAThread() {
    assertThat(
            ContextSwitches.parse(
                List.of(
                    "Name:\tjava",
                    "voluntary_ctxt_switches:\t150",
                    "nonvoluntary_ctxt_switches:\t545")))
        .isEqualTo(new ContextSwitches(150, 545));
  }

  @Test
  void aThreadThatHasBegunCountsWholeAndOneThatHasEndedNotAtAll() {
    assertThat(
            ContextSwitches.between(
                Map.of("1", new ContextSwitches(10, 1), "2", new ContextSwitches(99, 99)),
                Map.of("1", new ContextSwitches(15, 2), "3", new ContextSwitches(7, 0))))
        .isEqualTo(new ContextSwitches(12, 1));
  }

  @Test
  void withoutProcThereIsNoFigure() {
    assertThat(ContextSwitches.between(null, Map.of())).isNull();
  }
}
