package dev.handlermodels.api.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
@Timeout(30)
class TraceRateSamplerTest {
  private static final int PER_SECOND = 10;

  /** Near the end of what a long holds, as System.nanoTime may be. */
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 150_000_000L);

  private final TraceRateSampler pace = new TraceRateSampler(PER_SECOND, nanos::get);

  private long admitted(int asked) {
    return IntStream.range(0, asked).filter(_ -> pace.admits()).count();
  }

  private void pass(int ms) {
    nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(ms));
  }

  @Test
  void at_first_there_is_the_share_of_one_second_and_the_place_that_is_due_now() {
    assertThat(admitted(100)).isEqualTo(PER_SECOND + 1);
  }

  @Test
  void after_that_one_is_admitted_for_each_interval_and_all_between_are_refused() {
    admitted(100);
    pass(99);
    assertThat(admitted(100)).isZero();
    pass(1);
    assertThat(admitted(100)).isEqualTo(1);
    pass(300);
    assertThat(admitted(100)).isEqualTo(3);
  }

  @Test
  void of_a_long_pause_one_second_is_kept() {
    admitted(100);
    pass(60_000);
    assertThat(admitted(100)).isEqualTo(PER_SECOND + 1);
  }

  @Test
  void threads_that_ask_at_once_get_no_more_and_no_less() {
    AtomicInteger admitted = new AtomicInteger();
    CountDownLatch go = new CountDownLatch(1);
    List<Thread> threads =
        IntStream.range(0, 8)
            .mapToObj(
                _ ->
                    Thread.ofPlatform()
                        .start(
                            () -> {
                              try {
                                go.await();
                              } catch (InterruptedException e) {
                                throw new AssertionError(e);
                              }
                              admitted.addAndGet((int) admitted(100));
                            }))
            .toList();
    go.countDown();
    threads.forEach(TraceRateSamplerTest::join);
    assertThat(admitted).hasValue(PER_SECOND + 1);
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
