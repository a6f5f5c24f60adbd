package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.api.TaskState;
import dev.handlermodels.api.admission.Drainable;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
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

    @Test
    void for_DRAIN_DELAY_MS_it_is_not_ready_but_answers_new_connections_and_closes_them() {
      try (Gate gate = Gate.opened();
          Running server = model.start(gate.url(), Map.of("DRAIN_DELAY_MS", "3600000"))) {
        CompletableFuture<List<Drainable.Left>> drained = drain(server);
        awaitNotReady(server);

        Answer ready = server.main().get("/health/ready");
        assertThat(ready.status()).isEqualTo(503);
        assertThat(ready.header("retry-after")).isEqualTo("1");
        assertThat(server.main().get("/health/live").status()).isEqualTo(200);
        try (Raw fresh = server.connect()) {
          Answer answer = fresh.get("/io").read("GET", "/io");
          assertThat(answer.status()).isEqualTo(200);
          assertThat(answer.header("connection")).isEqualToIgnoringCase("close");
          assertThat(fresh.isClosedByServer()).isTrue();
        }
        assertThat(drained).isNotDone();
      }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/io", "/io/offloaded"})
    void then_it_refuses_connections_and_answers_what_is_in_flight(String path) {
      try (Gate gate = Gate.shut();
          Running server = model.start(gate.url(), Map.of("DRAIN_DELAY_MS", "0"))) {
        List<CompletableFuture<Answer>> inFlight = server.main().start(path, 5);
        gate.awaitWaiting(5);

        CompletableFuture<List<Drainable.Left>> drained = drain(server);
        Await.until("connections are refused", () -> Raw.refuses(server.instance().port()));
        awaitNotReady(server);
        assertThat(server.management().get("/health/live").status()).isEqualTo(200);
        assertThat(drained).isNotDone();
        assertThat(inFlight).noneMatch(CompletableFuture::isDone);

        gate.open();
        assertThat(Await.all(inFlight))
            .allSatisfy(
                answer -> {
                  assertThat(answer.status()).isEqualTo(200);
                  assertThat(answer.header("connection")).isEqualToIgnoringCase("close");
                });
        assertThat(Await.result(drained)).isEmpty();
      }
    }

    @Test
    void work_that_outlives_its_request_is_waited_for_as_well() {
      AtomicInteger tasks = new AtomicInteger(1);
      try (Gate gate = Gate.opened();
          Running server = model.start(gate.url(), Map.of())) {
        server.instance().service().drains(new Counted("tasks", tasks::get));
        CompletableFuture<List<Drainable.Left>> drained = drain(server);
        Await.until("connections are refused", () -> Raw.refuses(server.instance().port()));
        assertThat(drained).isNotDone();
        tasks.set(0);
        assertThat(Await.result(drained)).isEmpty();
      }
    }

    @Test
    void what_does_not_finish_within_DRAIN_MS_is_counted() {
      try (Gate gate = Gate.shut();
          Running server = model.start(gate.url(), Map.of("DRAIN_MS", "1"))) {
        var _ = server.main().start("/io", 2);
        gate.awaitWaiting(2);
        server.instance().service().drains(new Counted("tasks", () -> 3));
        assertThat(server.instance().drain())
            .containsExactly(new Drainable.Left("requests", 2), new Drainable.Left("tasks", 3));
      }
    }

    @Test
    void accepted_tasks_are_finished_before_the_server_ends() {
      try (Gate gate = Gate.shut();
          Running server = model.start(gate.url(), Map.of("TASK_WORKERS", "1"))) {
        List<String> locations = TasksTest.submit(server.main(), 3);
        gate.awaitWaiting(1);
        CompletableFuture<List<Drainable.Left>> drained = drain(server);
        Await.until(
            "readiness is off", () -> server.management().get("/health/ready").status() == 503);
        assertThat(drained).isNotDone();

        gate.open();
        assertThat(Await.result(drained)).isEmpty();
        for (String location : locations) {
          String id = location.substring("/tasks/".length());
          assertThat(server.instance().service().tasks().get(id).state()).isEqualTo(TaskState.DONE);
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

    private static CompletableFuture<List<Drainable.Left>> drain(Running server) {
      return CompletableFuture.supplyAsync(server.instance()::drain, THREADS);
    }

    private static void awaitNotReady(Running server) {
      Await.until(
          "readiness is off", () -> server.management().get("/health/ready").status() == 503);
    }
  }

  private record Counted(String what, IntSupplier count) implements Drainable {
    @Override
    public int unfinished() {
      return count.getAsInt();
    }
  }
}
