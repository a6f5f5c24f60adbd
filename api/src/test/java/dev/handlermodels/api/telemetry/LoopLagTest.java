package dev.handlermodels.api.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The loop is a queue that the test empties, or does not. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
@Timeout(30)
class LoopLagTest {
  private final LinkedBlockingQueue<Runnable> loop = new LinkedBlockingQueue<>();

  @Test
  void a_loop_that_takes_no_task_lags_more_and_more_while_it_lasts() throws Exception {
    try (LoopLag lag = new LoopLag(loop::add)) {
      Runnable probe = loop.take();
      double first = lag.nowMs();
      while (lag.nowMs() < first + 250) {
        Thread.onSpinWait();
      }
      assertThat(loop).as("a frozen loop is not buried in probes").isEmpty();

      probe.run();
      assertThat(lag.maxMs()).isGreaterThan(250);
    }
  }

  @Test
  void a_lag_that_is_over_is_remembered_only_as_the_maximum() throws Exception {
    try (LoopLag lag = new LoopLag(loop::add)) {
      Runnable late = loop.take();
      while (lag.nowMs() < 200) {
        Thread.onSpinWait();
      }
      late.run();
      loop.take().run();
      assertThat(lag.nowMs()).isLessThan(lag.maxMs());
      assertThat(lag.maxMs()).isGreaterThanOrEqualTo(200);
    }
  }

  @Test
  void the_time_of_a_block_is_counted_while_it_lasts_and_never_taken_back() throws Exception {
    try (LoopLag lag = new LoopLag(loop::add)) {
      Runnable late = loop.take();
      while (lag.stalledMs() < 300) {
        Thread.onSpinWait();
      }
      assertThat(lag.stalledMs()).isLessThanOrEqualTo(lag.nowMs());
      late.run();
      double counted = lag.stalledMs();
      assertThat(counted).isGreaterThanOrEqualTo(300);
      loop.take().run();
      loop.take().run();
      assertThat(lag.stalledMs()).isGreaterThanOrEqualTo(counted);
    }
  }
}
