package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What becomes of connections where they cannot be accepted, and of those accepted last. */
@Rules
class AcceptIT {
  @Nested
  class Vertx extends Accept {
    Vertx() {
      super(Model.VERTX);
    }
  }

  @Nested
  class Nima extends Accept {
    Nima() {
      super(Model.NIMA);
    }
  }

  @Nested
  class Blocking extends Accept {
    Blocking() {
      super(Model.BLOCKING);
    }
  }

  @Rules
  abstract static class Accept {
    private static final int DESCRIPTORS = 256;
    private static final int CLIENTS = 400;
    private static final int NEWCOMERS = 64;

    /** Those whom only the kernel has accepted when the socket is closed. */
    private static final int MAY_BE_BROKEN = 4;

    private static final Executor THREADS = task -> Thread.ofVirtual().start(task);

    final Model model;

    Accept(Model model) {
      this.model = model;
    }

    @Test
    void where_clients_take_all_descriptors_it_lives_and_accepts_again_when_they_leave() {
      try (ServerProcess process = ServerProcess.startWith(DESCRIPTORS, model, Map.of());
          Client management = process.management()) {
        assertThat(management.get("/health/ready").status()).isEqualTo(200);
        List<Raw> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
          clients.add(new Raw(process.port()));
        }
        clients.forEach(Raw::close);
        // Those who have left have to be noticed first, and then that there is room again.
        Await.until("newcomers are served", () -> isServed(process.port()));
        Await.until("it is ready", () -> management.get("/health/ready").status() == 200);
        process.signal("TERM");
        assertThat(process.exitCode()).isZero();
        assertThat(process.err()).isEmpty();
        assertThat(process.out()).doesNotContain("\tat ");
      }
    }

    private static boolean isServed(int port) {
      try (Raw newcomer = new Raw(port)) {
        Answer answer = newcomer.get("/health/live").readUnlessClosed(false);
        return answer != null && answer.status() == 200;
      } catch (UncheckedIOException _) {
        return false; // reset while it asks
      }
    }

    /** A newcomer is refused, or answered, or its connection is closed without a reset. */
    @Test
    void SIGTERM_under_load_logs_no_stack_trace_and_breaks_nobody_off() {
      try (ServerProcess process = ServerProcess.start(model, Map.of("DRAIN_DELAY_MS", "0"))) {
        int port = process.port();
        List<CompletableFuture<Integer>> asked = new ArrayList<>();
        AtomicInteger answered = new AtomicInteger();
        for (int i = 0; i < NEWCOMERS; i++) {
          asked.add(CompletableFuture.supplyAsync(() -> askUntilRefused(port, answered), THREADS));
        }
        Await.until("newcomers are answered", () -> answered.get() > 10 * NEWCOMERS);
        process.signal("TERM");
        assertThat(process.exitCode()).as(process::out).isZero();
        int broken = Await.all(asked).stream().mapToInt(Integer::intValue).sum();
        assertThat(broken).as("broken off").isLessThanOrEqualTo(MAY_BE_BROKEN);
        assertThat(process.err()).isEmpty();
        assertThat(process.out()).doesNotContain("\tat ", "Exception");
      }
    }

    /** How many connections were broken off. */
    private static int askUntilRefused(int port, AtomicInteger answered) {
      int broken = 0;
      while (true) {
        try (Raw newcomer = new Raw(port)) {
          try {
            newcomer.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
            broken += newcomer.isReset() ? 1 : 0;
          } catch (UncheckedIOException _) {
            broken++;
          }
          answered.incrementAndGet();
        } catch (UncheckedIOException _) {
          return broken;
        }
      }
    }
  }
}
