package dev.handlermodels.loadtests.bench.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import java.util.List;
import org.junit.jupiter.api.Test;

class CallTreeTest {
  private final CallTree calls = new CallTree("all");

  @Test
  void samplesOfOneChainOfCallsAddUp() {
    calls.add(List.of("a", "b"));
    calls.add(List.of("a", "b"));
    calls.add(List.of("a", "c"));

    assertThat(calls.samples()).isEqualTo(3);
    assertThat(calls.callees()).singleElement().extracting(CallTree::samples).isEqualTo(3L);
    assertThat(calls.callees().getFirst().callees())
        .extracting(CallTree::frame, CallTree::samples)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("b", 2L),
            org.assertj.core.groups.Tuple.tuple("c", 1L));
  }

  @Test
  void selfTimeIsThatOfAMethodWhereverItWasCalled() {
    calls.add(List.of("a", "hot"));
    calls.add(List.of("b", "c", "hot"));
    calls.add(List.of("a"));

    assertThat(calls.selfTimes()).containsExactly(entry("hot", 2L), entry("a", 1L));
  }
}
