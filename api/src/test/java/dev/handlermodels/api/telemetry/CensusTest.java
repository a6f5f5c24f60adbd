package dev.handlermodels.api.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.api.ThreadKind;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
@Timeout(30)
class CensusTest {
  private final ThreadCensus census = new ThreadCensus();

  @Test
  void a_thread_counts_once_however_often_it_enters() {
    for (int i = 0; i < 3; i++) {
      try (var _ = census.enter()) {
        assertThat(census.counts().busy()).isEqualTo(1);
      }
    }
    assertThat(census.counts()).isEqualTo(new ThreadCensus.Counts(1, 1, 0, 1, 0, 0));
  }

  @Test
  void threads_at_once_make_the_peak_and_dead_ones_are_live_no_longer() throws Exception {
    CountDownLatch inside = new CountDownLatch(5);
    CountDownLatch leave = new CountDownLatch(1);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      Thread.Builder kind = i < 2 ? Thread.ofPlatform() : Thread.ofVirtual();
      threads.add(kind.start(() -> stay(inside, leave)));
    }
    inside.await();
    assertThat(census.counts()).isEqualTo(new ThreadCensus.Counts(5, 5, 5, 5, 3, 3));

    leave.countDown();
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(census.counts()).isEqualTo(new ThreadCensus.Counts(5, 0, 0, 5, 3, 0));
  }

  private void stay(CountDownLatch inside, CountDownLatch leave) {
    try (var _ = census.enter()) {
      inside.countDown();
      leave.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** With all that was on its stack. */
  @Test
  void a_dead_thread_is_not_held() throws Exception {
    WeakReference<Thread> dead = deadThread();
    while (!dead.refersTo(null)) {
      System.gc();
      Thread.onSpinWait();
    }
    assertThat(census.counts()).isEqualTo(new ThreadCensus.Counts(1, 0, 0, 1, 1, 0));
  }

  private WeakReference<Thread> deadThread() throws InterruptedException {
    Thread thread = Thread.ofVirtual().start(() -> census.enter().close());
    thread.join();
    return new WeakReference<>(thread);
  }

  @Test
  void many_short_lived_threads_are_all_counted_though_not_all_remembered() throws Exception {
    for (int i = 0; i < 10_000; i++) {
      Thread.ofVirtual().start(() -> census.enter().close()).join();
    }
    assertThat(census.counts().distinct()).isEqualTo(10_000);
    assertThat(census.counts().live()).isZero();
  }

  @Test
  void a_thread_is_an_event_loop_only_if_it_says_so() throws Exception {
    assertThat(census.kindOf(Thread.currentThread())).isEqualTo(ThreadKind.PLATFORM);
    census.thisIsAnEventLoop();
    assertThat(census.kindOf(Thread.currentThread())).isEqualTo(ThreadKind.EVENT_LOOP);
    Thread virtual = Thread.ofVirtual().start(() -> {});
    virtual.join();
    assertThat(census.kindOf(virtual)).isEqualTo(ThreadKind.VIRTUAL);
  }
}
