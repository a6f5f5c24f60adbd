package dev.handlermodels.api.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a pool does on a machine that starts no further thread. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
@Timeout(30)
class FixedPoolTest {
  private final AtomicInteger tried = new AtomicInteger();

  /** As the JVM fails where a thread is to be started: {@code execute} throws this. */
  private ThreadFactory threads(int most) {
    return task -> {
      if (tried.incrementAndGet() > most) {
        throw new OutOfMemoryError("unable to create native thread");
      }
      return new Thread(task);
    };
  }

  @Test
  void it_goes_on_with_the_threads_that_it_has_and_asks_for_no_more() throws Exception {
    try (ThreadPoolExecutor pool = new FixedPool(4, 2, threads(1))) {
      CountDownLatch goOn = new CountDownLatch(1);
      CountDownLatch ran = new CountDownLatch(3);
      Runnable stands =
          () -> {
            awaited(goOn);
            ran.countDown();
          };
      for (int i = 0; i < 3; i++) { // one has the thread, two queue
        pool.execute(stands);
      }
      assertThat(pool.getMaximumPoolSize()).isEqualTo(1);
      assertThat(tried).hasValue(2);
      assertThatThrownBy(() -> pool.execute(stands)).isInstanceOf(RejectedExecutionException.class);
      goOn.countDown();
      ran.await();
      assertThat(tried).hasValue(2);
    }
  }

  @Test
  void without_any_thread_a_task_is_rejected() {
    try (ThreadPoolExecutor pool = new FixedPool(4, 2, threads(0))) {
      assertThatThrownBy(() -> pool.execute(() -> {}))
          .isInstanceOf(RejectedExecutionException.class);
      assertThat(pool.getQueue()).isEmpty();
      assertThat(pool.getMaximumPoolSize()).isEqualTo(4);
    }
  }

  private static void awaited(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
