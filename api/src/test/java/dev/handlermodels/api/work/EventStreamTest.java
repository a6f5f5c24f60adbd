package dev.handlermodels.api.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.handlermodels.api.Query;
import dev.handlermodels.api.admission.MemoryCosts;
import dev.handlermodels.api.launch.Service;
import dev.handlermodels.api.settings.Settings;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
@Timeout(30)
class EventStreamTest {
  private static final long TIMEOUT_NANOS = TimeUnit.HOURS.toNanos(1);

  /** Neither heartbeat nor write time-out comes by itself within the test. */
  private final Service service =
      new Service(
          "nima",
          "virtual threads",
          Settings.fromEnvironment(
              Map.of("STREAM_WRITE_TIMEOUT_MS", "3600000", "STREAM_HEARTBEAT_MS", "70000")),
          new MemoryCosts(1, 1, 1, 1));

  private final AtomicInteger woken = new AtomicInteger();
  private final AtomicInteger cut = new AtomicInteger();

  @AfterEach
  void close() {
    service.close();
  }

  private EventStream open(int items, int everyMs) {
    return service
        .streams()
        .open(
            new Query.Stream(items, everyMs),
            null,
            null,
            _ -> woken.incrementAndGet(),
            cut::incrementAndGet);
  }

  private static String text(EventStream stream) {
    return new String(stream.next(), StandardCharsets.UTF_8);
  }

  @Test
  void the_first_item_is_due_at_once_and_the_next_after_its_pause() {
    EventStream stream = open(2, 60_000);
    assertThat(stream.waitMs()).isZero();
    assertThat(text(stream)).startsWith("id: 1\nevent: item\ndata: {\"server\":\"nima\",");
    assertThat(stream.waitMs()).isBetween(1L, 60_000L);
  }

  @Test
  void after_the_last_item_the_end_is_due_at_once() {
    EventStream stream = open(1, 60_000);
    stream.waitMs();
    stream.next();
    assertThat(stream.waitMs()).isZero();
    assertThat(stream.isOver()).isFalse();
    assertThat(text(stream))
        .isEqualTo(
            "event: end\ndata: {\"server\":\"nima\",\"items\":1,\"reason\":\"complete\"}\n\n");
    assertThat(stream.isOver()).isTrue();
  }

  @Test
  void a_stream_that_has_fallen_behind_goes_on_at_its_pace() {
    EventStream stream = open(10, 50);
    stream.waitMs();
    stream.next();
    for (long until = System.nanoTime() + 220_000_000L; System.nanoTime() < until; ) {
      Thread.onSpinWait(); // the clock is the condition
    }
    assertThat(stream.waitMs()).as("the second, due at 50 ms").isZero();
    stream.next();
    assertThat(stream.waitMs()).as("the third, due at 100 ms").isZero();
    stream.next();
    assertThat(stream.waitMs()).as("the fourth was due at 150 ms").isPositive();
  }

  @Test
  void a_write_of_which_nothing_is_taken_for_the_time_out_cuts_the_stream() {
    EventStream stream = open(2, 0);
    stream.waitMs();
    stream.next();
    long now = System.nanoTime();
    stream.cutIfStuck(now, 1000);
    stream.cutIfStuck(now + TIMEOUT_NANOS, 1000);
    assertThat(cut).hasValue(0);
    stream.cutIfStuck(now + TIMEOUT_NANOS + 1, 1000);
    assertThat(cut).hasValue(1);
  }

  @Test
  void a_write_that_never_ends_is_not_cut_while_the_client_takes_a_little_now_and_then() {
    EventStream stream = open(2, 0);
    stream.waitMs();
    stream.next();
    long now = System.nanoTime();
    for (int look = 0; look < 10; look++) {
      stream.cutIfStuck(now + look * TIMEOUT_NANOS, 1000 - look);
    }
    assertThat(cut).hasValue(0);
    stream.cutIfStuck(now + 10 * TIMEOUT_NANOS + 1, 1000 - 9);
    assertThat(cut).hasValue(1);
  }

  @Test
  void a_write_after_another_has_the_time_out_anew() {
    EventStream stream = open(3, 0);
    stream.waitMs();
    stream.next();
    long now = System.nanoTime();
    stream.cutIfStuck(now, 1000);
    stream.waitMs();
    stream.next();
    stream.cutIfStuck(now + 2 * TIMEOUT_NANOS, 1000);
    assertThat(cut).hasValue(0);
  }

  @Test
  void a_pause_is_no_write_however_long_it_is() {
    EventStream stream = open(2, 60_000);
    stream.waitMs();
    stream.next();
    stream.waitMs();
    stream.cutIfStuck(System.nanoTime(), 0);
    stream.cutIfStuck(System.nanoTime() + 2 * TIMEOUT_NANOS, 0);
    assertThat(cut).hasValue(0);
  }

  @Test
  void a_closed_stream_is_neither_cut_nor_woken() {
    EventStream stream = open(2, 0);
    stream.waitMs();
    stream.next();
    stream.close();
    stream.cutIfStuck(System.nanoTime(), 0);
    stream.cutIfStuck(System.nanoTime() + 2 * TIMEOUT_NANOS, 0);
    service.traffic().drain();
    service.streams().drain();
    assertThat(cut).hasValue(0);
    assertThat(woken).hasValue(0);
    assertThat(stream.isOver()).isTrue();
  }

  @Test
  void shutting_down_wakes_a_stream_whose_end_is_then_due() {
    EventStream stream = open(100, 60_000);
    stream.waitMs();
    stream.next();
    service.traffic().drain();
    service.streams().drain();
    assertThat(woken).hasValue(1);
    assertThat(stream.waitMs()).isZero();
    assertThat(text(stream))
        .isEqualTo(
            "retry: 1000\nevent: end\n"
                + "data: {\"server\":\"nima\",\"items\":1,\"reason\":\"shutdown\"}\n\n");
  }

  @Test
  void a_thread_that_is_interrupted_stops_waiting() {
    EventStream stream = service.streams().open(new Query.Stream(2, 60_000), null, null);
    stream.next();
    Thread.currentThread().interrupt();
    assertThatThrownBy(stream::awaitDue).isInstanceOf(InterruptedIOException.class);
    assertThat(Thread.interrupted()).isFalse();
  }
}
