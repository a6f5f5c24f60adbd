package dev.handlermodels.api.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.handlermodels.api.telemetry.ServerSpan;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class CancellationTest {
  private static final RuntimeException FIRST = new IllegalStateException("first");
  private static final RuntimeException SECOND = new IllegalStateException("second");

  private final Cancellation cancellation = new Cancellation(ServerSpan.NONE);
  private final List<String> ran = new ArrayList<>();

  @Test
  void each_action_runs_once_and_the_first_reason_counts() {
    cancellation.onCancel(() -> ran.add("a"));
    cancellation.onCancel(() -> ran.add("b"));
    assertThat(cancellation.isCancelled()).isFalse();
    assertThatCode(cancellation::throwIfCancelled).doesNotThrowAnyException();

    cancellation.cancel(FIRST);
    cancellation.cancel(SECOND);

    assertThat(ran).containsExactlyInAnyOrder("a", "b");
    assertThat(cancellation.why()).isSameAs(FIRST);
    assertThatThrownBy(cancellation::throwIfCancelled).isSameAs(FIRST);
  }

  @Test
  void what_has_ended_before_is_left_alone() {
    var over = cancellation.onCancel(() -> ran.add("over"));
    cancellation.onCancel(() -> ran.add("waits"));
    over.close();
    cancellation.cancel(FIRST);
    over.close();
    assertThat(ran).containsExactly("waits");
  }

  @Test
  void whoever_comes_late_is_told_at_once() {
    cancellation.cancel(FIRST);
    cancellation.onCancel(() -> ran.add("late"));
    assertThat(ran).containsExactly("late");
  }

  @Test
  void an_action_may_end_another_wait() {
    var other = cancellation.onCancel(() -> ran.add("other"));
    cancellation.onCancel(other::close);
    cancellation.cancel(FIRST);
    assertThat(ran).containsExactly("other");
  }
}
