package dev.handlermodels.api.wire;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LookPaceTest {
  private final LookPace pace = new LookPace(MILLISECONDS.toNanos(250), SECONDS.toNanos(5));

  @Test
  void aCheapLookComesAgainSoon() {
    assertThat(pace.pauseNanos(MILLISECONDS.toNanos(1))).isEqualTo(MILLISECONDS.toNanos(250));
  }

  @Test
  void anExpensiveLookTakesAtMostTwoPercentOfACore() {
    assertThat(pace.pauseNanos(MILLISECONDS.toNanos(40))).isEqualTo(SECONDS.toNanos(2));
  }

  @Test
  void noLookWaitsLongerThanTheLongestPause() {
    assertThat(pace.pauseNanos(SECONDS.toNanos(1))).isEqualTo(SECONDS.toNanos(5));
  }

  @Test
  void whatTheThreadDidBeforeIsNotCounted() {
    pace.begins();

    assertThat(pace.pauseNanos()).isLessThan(SECONDS.toNanos(5));
  }
}
