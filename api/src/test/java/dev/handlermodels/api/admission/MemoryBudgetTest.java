package dev.handlermodels.api.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.handlermodels.api.ProblemException;
import dev.handlermodels.api.admission.MemoryBudget.Kind;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class MemoryBudgetTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final MemoryBudget memory =
      new MemoryBudget(1000, 100, new MemoryCosts(10, 20, 30, 40), registry);

  @Test
  void all_kinds_share_one_sum_and_what_is_released_is_free_again() {
    assertThat(memory.reserve(Kind.REQUEST, 600)).isTrue();
    assertThat(memory.reserve(Kind.CALL, 276)).isFalse();
    assertThat(memory.reserve(Kind.CALL, 275)).isTrue();
    memory.release(Kind.REQUEST, 600);
    assertThat(memory.reserve(Kind.ANSWER, 600)).isTrue();
  }

  @Test
  void what_is_refused_takes_nothing() {
    assertThat(memory.reserve(Kind.ANSWER, 876)).isFalse();
    assertThat(memory.heldBytes(Kind.ANSWER)).isZero();
    assertThat(memory.reserve(Kind.ANSWER, 875)).isTrue();
  }

  @Test
  void whoever_only_holds_leaves_an_eighth_to_requests_and_to_short_heads() {
    MemoryBudget large =
        new MemoryBudget(8 * 1024, 8 * 1024, new MemoryCosts(10, 20, 30, 40), registry);
    assertThat(large.holds(7 * 1024, 7 * 1024)).isTrue();
    assertThat(large.reserve(Kind.CHAT, 1)).isFalse();
    assertThat(large.holds(1, 513)).isFalse();
    assertThatExceptionOfType(ProblemException.class).isThrownBy(() -> large.reserveBody(1));
    assertThatExceptionOfType(ProblemException.class).isThrownBy(() -> large.checkRoomForBody(1));
    assertThat(large.holds(512, 512)).isTrue();
    large.reserveOrRefuse(Kind.REQUEST, 512);
    assertThat(large.holds(1, 1)).isFalse();
    assertThat(large.reserve(Kind.REQUEST, 1)).isFalse();
  }

  @Test
  void connections_leave_a_quarter_to_those_who_ask() {
    for (int i = 0; i < memory.maxConnections(); i++) {
      assertThat(memory.connects()).isTrue();
    }
    assertThat(memory.maxConnections()).isEqualTo(75);
    assertThat(memory.connects()).isFalse();
    assertThat(memory.reserve(Kind.REQUEST, 250)).isTrue();
    memory.release(Kind.REQUEST, 250);
    memory.disconnects();
    assertThat(memory.connects()).isTrue();
  }

  @Test
  void a_body_counts_twice_and_all_bodies_have_a_limit_of_their_own() {
    assertThat(memory.reserveBody(60)).isEqualTo(120);
    assertThatExceptionOfType(ProblemException.class)
        .isThrownBy(() -> memory.reserveBody(41))
        .satisfies(e -> assertThat(e.closesConnection()).isTrue());
    assertThatExceptionOfType(ProblemException.class).isThrownBy(() -> memory.checkRoomForBody(41));
    memory.checkRoomForBody(40);
    assertThat(memory.reserveBody(40)).isEqualTo(80);
    assertThat(registry.get("http.server.requests.body.bytes").gauge().value()).isEqualTo(100);
  }

  @Test
  void metrics_tell_what_is_held_by_kind() {
    memory.reserve(Kind.ANSWER, 7);
    assertThat(registry.get("http.server.memory.bytes").tag("kind", "answer").gauge().value())
        .isEqualTo(7);
    assertThat(registry.get("http.server.memory.max.bytes").gauge().value()).isEqualTo(1000);
  }
}
