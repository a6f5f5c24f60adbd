package dev.handlermodels.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import jdk.management.VirtualThreadSchedulerMXBean;
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
  private static final int CARRIERS =
      ManagementFactory.getPlatformMXBean(VirtualThreadSchedulerMXBean.class).getParallelism();

  private static final long YIELDS = 200_000;
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);

  private final Set<String> busy = ConcurrentHashMap.newKeySet();
  private final AtomicLong yields = new AtomicLong();
  private volatile boolean mayEnd;

  @Test
  void while_others_yield_a_virtual_thread_that_a_platform_thread_starts_does_not_run()
      throws Exception {
    CountDownLatch ran = new CountDownLatch(1);
    Thread.startVirtualThread(this::yieldAndStartOthers);
    try {
      await(() -> busy.size() == CARRIERS);
      Thread.startVirtualThread(ran::countDown);
      long until = yields.get() + YIELDS;
      await(() -> yields.get() >= until);
      assertThat(ran.getCount()).isEqualTo(1);
    } finally {
      mayEnd = true;
    }
    assertThat(ran.await(20, TimeUnit.SECONDS)).isTrue();
  }

  /** Those whom a virtual thread starts go to the queue of its carrier, where others find them. */
  private void yieldAndStartOthers() {
    for (int i = 1; i < 4 * CARRIERS; i++) {
      Thread.startVirtualThread(this::yieldOn);
    }
    yieldOn();
  }

  private void yieldOn() {
    while (!mayEnd) {
      if (busy.size() < CARRIERS) {
        busy.add(carrier());
      }
      yields.incrementAndGet();
      Thread.yield();
    }
  }

  /** {@code VirtualThread[#22]/runnable@ForkJoinPool-1-worker-1} */
  private static String carrier() {
    String thread = Thread.currentThread().toString();
    return thread.substring(thread.indexOf('@') + 1);
  }

  private static void await(BooleanSupplier fact) {
    long startNanos = System.nanoTime();
    while (!fact.getAsBoolean()) {
      assertThat(System.nanoTime() - startNanos).isLessThan(PATIENCE_NANOS);
      Thread.onSpinWait();
    }
  }
}
