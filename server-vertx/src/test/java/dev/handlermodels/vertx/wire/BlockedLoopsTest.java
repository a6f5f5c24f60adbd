package dev.handlermodels.vertx.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.internal.threadchecker.BlockedThreadEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class BlockedLoopsTest {
  private static final int LOOK_MS = 500;

  private final Logger logger = Logger.getLogger(BlockedLoops.class.getName());
  private final List<LogRecord> records = new ArrayList<>();
  private final Handler kept =
      new Handler() {
        @Override
        public void publish(LogRecord record) {
          records.add(record);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  private final Thread loop = Thread.ofPlatform().name("loop-0").unstarted(() -> {});
  private long nowMs = 1_000_000;
  private final BlockedLoops log = new BlockedLoops(() -> TimeUnit.MILLISECONDS.toNanos(nowMs));

  @BeforeEach
  void keep() {
    logger.addHandler(kept);
    logger.setUseParentHandlers(false);
  }

  @AfterEach
  void keepNoMore() {
    logger.removeHandler(kept);
    logger.setUseParentHandlers(true);
  }

  /** Vert.x looks every 500 ms. */
  private void blocked(Thread thread, long forMs) {
    for (long ms = LOOK_MS; ms <= forMs; ms += LOOK_MS) {
      nowMs += LOOK_MS;
      look(thread, ms);
    }
  }

  private void look(Thread thread, long blockedMs) {
    log.handle(
        new BlockedThreadEvent(
            thread,
            TimeUnit.MILLISECONDS.toNanos(blockedMs),
            TimeUnit.MILLISECONDS.toNanos(LOOK_MS),
            0));
  }

  private List<LogRecord> stacks() {
    return records.stream().filter(record -> record.getThrown() != null).toList();
  }

  @Test
  void a_loop_that_is_blocked_for_10_s_writes_one_stack_and_then_one_line_a_second() {
    blocked(loop, 10_000);
    assertThat(records).hasSize(10);
    assertThat(stacks()).containsExactly(records.getFirst());
    assertThat(records.getFirst().getMessage())
        .isEqualTo("Thread loop-0 has been blocked for 500 ms, time limit is 500 ms");
    assertThat(records.getLast().getMessage())
        .isEqualTo("Thread loop-0 has been blocked for 9500 ms, time limit is 500 ms");
  }

  @Test
  void a_block_of_a_minute_has_one_stack() {
    blocked(loop, 60_000);
    assertThat(stacks()).hasSize(1);
    assertThat(records).hasSize(60);
  }

  @Test
  void another_block_later_has_a_stack_of_its_own() {
    blocked(loop, 2_000);
    nowMs += 60_000;
    blocked(loop, 2_000);
    assertThat(stacks()).hasSize(2);
    assertThat(records).hasSize(4);
  }

  @Test
  void many_blocks_in_a_row_share_a_stack_for_10_s() {
    for (int i = 0; i < 21; i++) {
      blocked(loop, LOOK_MS);
      nowMs += LOOK_MS;
    }
    assertThat(stacks()).hasSize(3);
    assertThat(records).hasSize(21);
  }

  @Test
  void each_loop_has_a_stack_of_its_own() {
    Thread other = Thread.ofPlatform().name("loop-1").unstarted(() -> {});
    nowMs += LOOK_MS;
    look(loop, LOOK_MS);
    look(other, LOOK_MS);
    nowMs += LOOK_MS;
    look(loop, 2 * LOOK_MS);
    look(other, 2 * LOOK_MS);
    assertThat(records).isEqualTo(stacks()).hasSize(2);
  }
}
