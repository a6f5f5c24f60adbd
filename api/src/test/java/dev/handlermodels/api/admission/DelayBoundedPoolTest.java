package dev.handlermodels.api.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
@Timeout(30)
class DelayBoundedPoolTest {
  private final CountDownLatch goOn = new CountDownLatch(1);

  @AfterEach
  void end() {
    goOn.countDown();
  }

  @Test
  void who_would_wait_too_long_behind_others_is_rejected_and_those_others_run() throws Exception {
    try (ThreadPoolExecutor pool = Workers.bounded("test", 1, 10, 50)) {
      stand(pool, 1);
      CountDownLatch ran = new CountDownLatch(1);
      pool.execute(ran::countDown);
      QueueDelayProbeTest.letPass(60);
      assertThatThrownBy(() -> pool.execute(ran::countDown))
          .isInstanceOf(RejectedExecutionException.class);
      goOn.countDown();
      ran.await();
    }
  }

  @Test
  void the_first_in_the_queue_is_taken_however_long_the_threads_have_been_busy() {
    try (ThreadPoolExecutor pool = Workers.bounded("test", 1, 10, 5)) {
      stand(pool, 1);
      QueueDelayProbeTest.letPass(10);
      pool.execute(() -> {});
      assertThat(pool.getQueue()).hasSize(1);
      goOn.countDown();
    }
  }

  @Test
  void more_threads_take_more_in_the_same_time() {
    try (ThreadPoolExecutor pool = Workers.bounded("test", 4, 10, 1000)) {
      stand(pool, 4);
      QueueDelayProbeTest.letPass(1100);
      int taken = 0;
      try {
        for (; taken < 10; taken++) {
          pool.execute(() -> {});
        }
      } catch (RejectedExecutionException e) {
        assertThat(e).hasMessage("the wait for a thread is too long");
      }
      // Each of four threads is busy for 1.1 s already, so four tasks are 1.1 s; one thread would
      // have taken one of them.
      assertThat(taken).isBetween(2, 4);
      goOn.countDown();
    }
  }

  @Test
  void a_pool_that_has_been_idle_for_long_takes_a_burst() throws Exception {
    try (ThreadPoolExecutor pool = Workers.bounded("test", 2, 100, 1)) {
      stand(pool, 2);
      goOn.countDown();
      while (pool.getActiveCount() > 0) {
        Thread.onSpinWait();
      }
      QueueDelayProbeTest.letPass(20);
      CountDownLatch ran = new CountDownLatch(2);
      pool.execute(ran::countDown);
      pool.execute(ran::countDown);
      ran.await();
    }
  }

  @Test
  void how_long_tasks_took_lately_is_remembered() {
    try (ThreadPoolExecutor pool = Workers.bounded("test", 1, 10, 20)) {
      pool.execute(() -> QueueDelayProbeTest.letPass(30));
      stand(pool, 1);
      pool.execute(() -> {});
      assertThatThrownBy(() -> pool.execute(() -> {}))
          .isInstanceOf(RejectedExecutionException.class);
      goOn.countDown();
    }
  }

  /** Returns when so many threads are busy until the latch opens. */
  private void stand(ThreadPoolExecutor pool, int threads) {
    CountDownLatch begun = new CountDownLatch(threads);
    for (int i = 0; i < threads; i++) {
      pool.execute(
          () -> {
            begun.countDown();
            try {
              goOn.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          });
    }
    try {
      begun.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
