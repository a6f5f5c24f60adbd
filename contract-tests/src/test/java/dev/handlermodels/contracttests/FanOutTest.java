package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.api.admission.Drainable;
import dev.handlermodels.upstream.Fault;
import dev.handlermodels.upstream.UpstreamServer;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Many calls for one request: all of them, never too many at once, and none outlives it. */
@Rules
@Tag("slow")
class FanOutTest {
  @Nested
  class Vertx extends Fan {
    Vertx() {
      super(Model.VERTX);
    }
  }

  @Nested
  class Nima extends Fan {
    Nima() {
      super(Model.NIMA);
    }
  }

  @Nested
  class Blocking extends Fan {
    Blocking() {
      super(Model.BLOCKING);
    }

    @Test
    void no_more_calls_run_at_once_than_there_are_workers() {
      assertAtOnce(20, 10, 3, Map.of("WORKERS", "3"));
    }

    @Test
    void calls_leave_the_queue_of_the_workers_when_the_client_has_gone() {
      try (Gate gate = Gate.shut();
          Running server = model.start(gate.url(), Map.of("WORKERS", "1"))) {
        CompletableFuture<Answer> first = server.main().start("/io/offloaded");
        gate.awaitWaiting(1);
        Raw queued = server.connect();
        queued.get("/fanout?calls=5&concurrency=5&waitMs=60000");
        server.awaitInFlight(2);
        queued.close();
        server.awaitInFlight(1);

        gate.open();
        assertThat(Await.result(first).status()).isEqualTo(200);
        assertThat(gate.seen()).hasSize(1);
      }
    }
  }

  abstract static class Fan {
    private static final Executor THREADS = task -> Thread.ofVirtual().start(task);

    final Model model;

    Fan(Model model) {
      this.model = model;
    }

    @Test
    void without_parameters_there_are_100_calls_20_at_once() {
      try (Gate gate = Gate.opened();
          Running server = model.start(gate.url(), Map.of())) {
        JsonNode result = server.main().get("/fanout").json();
        assertThat(result.path("threadKind").asString()).isEqualTo(model.handlerThreadKind());
        assertThat(result.path("waitMs").intValue()).isEqualTo(1000);
        assertThat(result.at("/concurrency/requested").intValue()).isEqualTo(20);
        assertThat(result.at("/concurrency/effective").intValue()).isEqualTo(20);
        assertCounts(result, 100, 100, 0);
        assertThat(gate.seen()).hasSize(100).allMatch(l -> l.startsWith("GET /wait?waitMs=1000 "));
      }
    }

    @ParameterizedTest(name = "{0} calls, {1} at once")
    @CsvSource({"30, 5, 5", "30, 1, 1", "3, 10, 3"})
    void never_more_calls_than_asked_for_are_at_the_upstream_at_once(
        int calls, int concurrency, int atOnce) {
      assertAtOnce(calls, concurrency, atOnce, Map.of());
    }

    @Test
    void no_more_calls_run_at_once_than_there_are_connections() {
      assertAtOnce(20, 10, 4, Map.of("UPSTREAM_MAX_CONNECTIONS", "4"));
    }

    @Test
    void no_more_calls_run_at_once_than_FANOUT_CONCURRENCY() {
      assertAtOnce(20, 10, 3, Map.of("FANOUT_CONCURRENCY", "3"));
    }

    void assertAtOnce(int calls, int concurrency, int atOnce, Map<String, String> settings) {
      try (Gate gate = Gate.shut();
          Running server = model.start(gate.url(), settings)) {
        CompletableFuture<Answer> answer =
            server.main().start("/fanout?waitMs=0&calls=" + calls + "&concurrency=" + concurrency);
        gate.awaitWaiting(atOnce);
        gate.letOneThrough();
        Await.until(
            "the next call takes its place",
            () -> gate.seen().size() == Math.min(calls, atOnce + 1));
        gate.open();

        JsonNode result = Await.result(answer).json();
        assertCounts(result, calls, calls, 0);
        assertThat(result.at("/concurrency/requested").intValue()).isEqualTo(concurrency);
        assertThat(result.at("/concurrency/effective").intValue()).isEqualTo(atOnce);
        assertThat(gate.seen()).hasSize(calls);
        assertThat(gate.peak()).isEqualTo(atOnce);
      }
    }

    @Test
    void a_small_queue_refuses_no_call_of_a_single_request() {
      try (Gate gate = Gate.opened();
          Running server =
              model.start(
                  gate.url(),
                  Map.of("QUEUE_SIZE", "1", "WORKERS", "8", "UPSTREAM_MAX_CONNECTIONS", "8"))) {
        JsonNode result = server.main().get("/fanout?calls=500&concurrency=100&waitMs=0").json();
        assertCounts(result, 500, 500, 0);
      }
    }

    @Test
    void calls_that_fail_are_counted_beside_those_that_succeed() throws IOException {
      try (UpstreamServer upstream = UpstreamServer.start("127.0.0.1", 0);
          Running server = model.start(upstream.url(), Map.of())) {
        var answer = server.main().start("/fanout?calls=3&concurrency=1&waitMs=1000");
        Await.until("the first call is there", () -> upstream.stats().snapshot().received() == 1);
        upstream.misbehave(Fault.STATUS500, 0);
        assertCounts(Await.result(answer).json(), 3, 1, 2);
      }
    }

    @Test
    void without_any_success_the_first_failure_is_the_answer() throws IOException {
      try (UpstreamServer upstream = UpstreamServer.start("127.0.0.1", 0);
          Running server = model.start(upstream.url(), Map.of())) {
        upstream.misbehave(Fault.STATUS500, 0);
        Answer answer = server.main().get("/fanout?calls=30&waitMs=0");
        assertThat(answer.status()).isEqualTo(502);
        assertThat(answer.problem()).isEqualTo("upstream-failed");
        assertThat(upstream.stats().snapshot().received()).isEqualTo(30);
      }
    }

    @Test
    void all_calls_together_have_one_deadline() throws IOException {
      try (UpstreamServer upstream = UpstreamServer.start("127.0.0.1", 0);
          Running server =
              model.start(
                  upstream.url(),
                  Map.of("UPSTREAM_TIMEOUT_MS", "1000", "IDLE_TIMEOUT_MS", "30000"))) {
        Answer answer = server.main().get("/fanout?calls=10000&concurrency=2&waitMs=300");
        assertThat(answer.status()).isEqualTo(504);
        assertThat(answer.json().path("detail").asString()).contains("not all", "1000 ms");
        Await.until("the calls are broken off", () -> upstream.stats().snapshot().active() == 0);
        assertThat(upstream.stats().snapshot().received()).isLessThan(20);
        server.awaitInFlight(0);
      }
    }

    @Test
    void a_client_that_hangs_up_ends_all_calls_and_no_other_is_begun() throws IOException {
      try (UpstreamServer upstream = UpstreamServer.start("127.0.0.1", 0);
          Running server = model.start(upstream.url(), Map.of())) {
        Raw connection = server.connect();
        connection.get("/fanout?calls=1000&concurrency=25&waitMs=60000");
        Await.until("25 calls are out", () -> upstream.stats().snapshot().active() == 25);
        connection.close();
        Await.until("all are broken off", () -> upstream.stats().snapshot().aborted() == 25);
        server.awaitInFlight(0);
        assertThat(upstream.stats().snapshot().received()).isEqualTo(25);
        server.awaitNobodyBusy();
      }
    }

    @Test
    void shutting_down_waits_for_all_calls() {
      try (Gate gate = Gate.shut();
          Running server = model.start(gate.url(), Map.of())) {
        CompletableFuture<Answer> answer = server.main().start("/fanout?calls=30&concurrency=10");
        gate.awaitWaiting(10);
        CompletableFuture<List<Drainable.Left>> drained =
            CompletableFuture.supplyAsync(server.instance()::drain, THREADS);
        Await.until(
            "readiness is off", () -> server.management().get("/health/ready").status() == 503);
        assertThat(drained).isNotDone();
        gate.open();
        assertCounts(Await.result(answer).json(), 30, 30, 0);
        assertThat(Await.result(drained)).isEmpty();
      }
    }

    @ParameterizedTest(name = "{0} is refused")
    @CsvSource({
      "calls=0, calls, 10000",
      "calls=10001, calls, 10000",
      "calls=, calls, 10000",
      "calls=-1, calls, 10000",
      "calls=many, calls, 10000",
      "concurrency=0, concurrency, 1000",
      "concurrency=1001, concurrency, 1000",
      "concurrency=-5, concurrency, 1000",
      "concurrency, concurrency, 1000",
      "concurrency=1.5, concurrency, 1000",
      "waitMs=60001, waitMs, 60000",
      "calls=1&calls=1, calls, one value",
      "Calls=1, Calls, calls",
      "calls=5&user=x, user, concurrency"
    })
    void a_wrong_parameter_is_refused_by_name(String query, String name, String accepts) {
      try (Gate gate = Gate.shut();
          Running server = model.start(gate.url(), Map.of());
          Raw connection = server.connect()) {
        Answer answer = connection.get("/fanout?" + query).read("GET", "/fanout?" + query);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().path("parameter").asString()).isEqualTo(name);
        assertThat(answer.json().path("accepts").asString()).contains(accepts);
        assertThat(gate.seen()).isEmpty();
      }
    }

    private static void assertCounts(JsonNode result, int calls, int succeeded, int failed) {
      assertThat(result.path("calls").intValue()).as(result.toString()).isEqualTo(calls);
      assertThat(result.path("made").intValue()).isEqualTo(calls);
      assertThat(result.path("succeeded").intValue()).isEqualTo(succeeded);
      assertThat(result.path("failed").intValue()).isEqualTo(failed);
    }
  }
}
