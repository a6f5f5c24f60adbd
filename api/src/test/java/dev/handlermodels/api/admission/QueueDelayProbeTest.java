package dev.handlermodels.api.admission;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The loop is a queue that the test empties, or does not. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
@Timeout(30)
class QueueDelayProbeTest {
  private static final int MAX_QUEUE_MS = 50;

  private final LinkedBlockingQueue<Runnable> loop = new LinkedBlockingQueue<>();

  @Test
  void one_late_turn_is_a_hiccup_and_two_in_a_row_are_overload() throws Exception {
    try (QueueDelayProbe lateness = new QueueDelayProbe(loop::add, MAX_QUEUE_MS)) {
      runLate();
      assertThat(lateness.concernsCaller()).isFalse();
      runLate();
      assertThat(lateness.concernsCaller()).isTrue();
    }
  }

  @Test
  void a_loop_that_stands_still_is_late_before_it_goes_on() throws Exception {
    try (QueueDelayProbe lateness = new QueueDelayProbe(loop::add, MAX_QUEUE_MS)) {
      AtomicBoolean late = new AtomicBoolean();
      Thread same = Thread.ofPlatform().start(() -> runLateAndAwait(lateness, late));
      same.join();
      assertThat(late).isTrue();
    }
  }

  private void runLateAndAwait(QueueDelayProbe lateness, AtomicBoolean late) {
    try {
      runLate();
      Runnable stuck = loop.take();
      while (!lateness.concernsCaller()) {
        Thread.onSpinWait();
      }
      late.set(true);
      stuck.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void a_turn_in_time_ends_it() throws Exception {
    try (QueueDelayProbe lateness = new QueueDelayProbe(loop::add, 5_000)) {
      loop.take().run();
      loop.take().run();
      assertThat(lateness.concernsCaller()).isFalse();
    }
  }

  @Test
  void it_concerns_the_late_loop_and_no_other() throws Exception {
    try (QueueDelayProbe lateness = new QueueDelayProbe(loop::add, MAX_QUEUE_MS)) {
      runLate();
      runLate();
      AtomicBoolean other = new AtomicBoolean(true);
      Thread.ofPlatform().start(() -> other.set(lateness.concernsCaller())).join();
      assertThat(other).isFalse();
      assertThat(lateness.concernsCaller()).isTrue();
    }
  }

  @Test
  void carriers_that_are_late_concern_all_virtual_threads() throws Exception {
    try (QueueDelayProbe lateness = new QueueDelayProbe(loop::add, MAX_QUEUE_MS)) {
      for (int i = 0; i < 2; i++) {
        Runnable probe = loop.take();
        letPass(MAX_QUEUE_MS);
        Thread.ofVirtual().start(probe).join();
      }
      assertThat(lateness.concernsCaller()).isTrue();
    }
  }

  private void runLate() throws InterruptedException {
    Runnable probe = loop.take();
    letPass(MAX_QUEUE_MS);
    probe.run();
  }

  /** Returns when more time has passed. */
  static void letPass(int ms) {
    long from = System.nanoTime();
    while (System.nanoTime() - from <= ms * 1_000_000L) {
      Thread.onSpinWait();
    }
  }
}
