package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Shutting down: no longer ready at once, and nothing that was let in is lost. */
@Rules
class ShutdownTest {
  @Nested
  class Vertx extends Shutdown {
    Vertx() {
      super(Model.VERTX);
    }
  }

  @Nested
  class Nima extends Shutdown {
    Nima() {
      super(Model.NIMA);
    }
  }

  @Nested
  class Blocking extends Shutdown {
    Blocking() {
      super(Model.BLOCKING);
    }
  }

  abstract static class Shutdown {
    final Model model;

    Shutdown(Model model) {
      this.model = model;
    }

    private static final Executor THREADS = task -> Thread.ofVirtual().start(task);

    @ParameterizedTest
    @ValueSource(strings = {"/io", "/io/offloaded"})
    void requests_in_flight_are_answered_while_the_server_is_not_ready(String path) {
      try (Gate gate = Gate.shut();
          Running server = model.start(gate.url(), Map.of())) {
        List<CompletableFuture<Answer>> inFlight = server.main().start(path, 5);
        gate.awaitWaiting(5);

        CompletableFuture<Integer> drained =
            CompletableFuture.supplyAsync(server.instance()::drain, THREADS);
        Await.until(
            "readiness is off", () -> server.management().get("/health/ready").status() == 503);
        Answer ready = server.main().get("/health/ready");
        assertThat(ready.status()).isEqualTo(503);
        assertThat(ready.header("retry-after")).isEqualTo("1");
        assertThat(server.main().get("/health/live").status()).isEqualTo(200);
        assertThat(drained).isNotDone();

        gate.open();
        assertThat(Await.all(inFlight))
            .allSatisfy(
                answer -> {
                  assertThat(answer.status()).isEqualTo(200);
                  assertThat(answer.header("connection")).isEqualToIgnoringCase("close");
                });
        assertThat(Await.result(drained)).isZero();
      }
    }

    @Test
    void what_does_not_finish_within_DRAIN_MS_is_counted() {
      try (Gate gate = Gate.shut();
          Running server = model.start(gate.url(), Map.of("DRAIN_MS", "1"))) {
        var _ = server.main().start("/io", 2);
        gate.awaitWaiting(2);
        assertThat(server.instance().drain()).isEqualTo(2);
      }
    }

    @Test
    void accepted_tasks_are_finished_before_the_server_ends() {
      try (Gate gate = Gate.shut();
          Running server = model.start(gate.url(), Map.of("TASK_WORKERS", "1"))) {
        List<String> locations = TasksTest.submit(server.main(), 3);
        gate.awaitWaiting(1);
        CompletableFuture<Integer> drained =
            CompletableFuture.supplyAsync(server.instance()::drain, THREADS);
        Await.until(
            "readiness is off", () -> server.management().get("/health/ready").status() == 503);
        assertThat(drained).isNotDone();

        gate.open();
        assertThat(Await.result(drained)).isZero();
        for (String location : locations) {
          assertThat(server.main().get(location).json().path("state").asString()).isEqualTo("done");
        }
      }
    }

    @Test
    void a_closed_server_frees_its_port() throws Exception {
      int port;
      try (Gate gate = Gate.opened();
          Running server = model.start(gate.url(), Map.of())) {
        port = server.instance().port();
        assertThat(server.main().get("/io?waitMs=0").status()).isEqualTo(200);
      }
      try (var listener = new ServerSocket()) {
        listener.setReuseAddress(true);
        listener.bind(new InetSocketAddress("127.0.0.1", port));
        assertThat(listener.isBound()).isTrue();
      }
    }
  }
}
