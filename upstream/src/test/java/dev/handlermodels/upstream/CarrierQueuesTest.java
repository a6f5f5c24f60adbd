package dev.handlermodels.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Which virtual threads a carrier takes next, as docs/choosing.md says it. If this fails on a newer
 * JDK, that page and the pipelining of server-nima are to be looked at again.
 */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
@Timeout(60)
class CarrierQueuesTest {
  /** Several for each carrier, so that none ever finds its own queue empty. */
  private static final int YIELDING = 4 * Runtime.getRuntime().availableProcessors();

  private static final long YIELDS = 200_000;

  private final AtomicLong yields = new AtomicLong();
  private volatile boolean mayEnd;

  @Test
  void while_others_yield_a_virtual_thread_that_a_platform_thread_starts_does_not_run()
      throws Exception {
    CountDownLatch running = new CountDownLatch(YIELDING);
    CountDownLatch ran = new CountDownLatch(1);
    for (int i = 0; i < YIELDING; i++) {
      Thread.startVirtualThread(
          () -> {
            running.countDown();
            while (!mayEnd) {
              yields.incrementAndGet();
              Thread.yield();
            }
          });
    }
    try {
      assertThat(running.await(20, TimeUnit.SECONDS)).isTrue();
      Thread.startVirtualThread(ran::countDown);
      long until = yields.get() + YIELDS;
      while (yields.get() < until) {
        Thread.onSpinWait();
      }
      assertThat(ran.getCount()).isEqualTo(1);
    } finally {
      mayEnd = true;
    }
    assertThat(ran.await(20, TimeUnit.SECONDS)).isTrue();
  }
}
