package dev.handlermodels.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
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
  /** Runs in a JVM with one carrier: no second one takes threads from it and empties its queue. */
  static class Yielders {
    private static final long YIELDS = 200_000;
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final CountDownLatch RUNNING = new CountDownLatch(2);
    private static final AtomicLong YIELDED = new AtomicLong();
    private static volatile boolean mayEnd;

    public static void main(String[] args) throws InterruptedException {
      Thread.startVirtualThread(
          () -> {
            Thread.startVirtualThread(Yielders::yieldOn);
            yieldOn();
          });
      RUNNING.await();
      Thread newcomer = Thread.startVirtualThread(() -> {});
      long until = YIELDED.get() + YIELDS;
      while (YIELDED.get() < until) {
        Thread.onSpinWait();
      }
      System.out.println("while others yield: " + newcomer.join(Duration.ZERO));
      mayEnd = true;
      System.out.println("when they end: " + newcomer.join(PATIENCE));
    }

    private static void yieldOn() {
      RUNNING.countDown();
      while (!mayEnd) {
        YIELDED.incrementAndGet();
        Thread.yield();
      }
    }
  }

  @Test
  void while_others_yield_a_virtual_thread_that_a_platform_thread_starts_does_not_run()
      throws IOException, InterruptedException {
    Process jvm =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djdk.virtualThreadScheduler.parallelism=1",
                "-Djdk.virtualThreadScheduler.maxPoolSize=1",
                "-cp",
                System.getProperty("java.class.path"),
                Yielders.class.getName())
            .redirectErrorStream(true)
            .start();
    try {
      String printed = new String(jvm.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(jvm.waitFor()).as(printed).isZero();
      assertThat(printed.lines())
          .containsExactly("while others yield: false", "when they end: true");
    } finally {
      jvm.destroyForcibly();
    }
  }
}
