package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * More than fits: refused at once with 503 and Retry-After, and nothing that was let in is lost.
 */
@Rules
class OverloadTest {
  @Nested
  class Vertx extends Overload {
    Vertx() {
      super(Model.VERTX);
    }

    @Test
    void while_the_loop_is_late_newcomers_are_refused() {
      assertNewcomersAreRefusedWhileAllCompute();
    }
  }

  @Nested
  class Nima extends Overload {
    Nima() {
      super(Model.NIMA);
    }

    @Test
    void while_the_carriers_are_late_newcomers_are_refused() {
      assertNewcomersAreRefusedWhileAllCompute();
    }
  }

  @Nested
  class Blocking extends Overload {
    Blocking() {
      super(Model.BLOCKING);
    }

    @Test
    void two_threads_and_a_queue_of_two_take_four_of_twelve_calls() {
      assertFourOfTwelve("/io", Map.of("POOL_SIZE", "2", "QUEUE_SIZE", "2"));
    }

    @Test
    void a_wait_for_the_pool_that_would_be_too_long_is_refused_without_a_thread_of_the_pool() {
      assertRefusesALongWait("/io", "POOL_SIZE", "pool");
    }

    @Test
    void a_used_up_pool_still_answers_health() {
      try (Gate gate = Gate.shut();
          Running server = model.start(gate.url(), Map.of("POOL_SIZE", "1", "QUEUE_SIZE", "1"))) {
        List<CompletableFuture<Answer>> in = server.main().start("/io", 2);
        server.awaitInFlight(2);
        assertThat(server.main().get("/io").status()).isEqualTo(503);
        assertThat(server.main().get("/health/live").status()).isEqualTo(200);
        gate.open();
        assertThat(Await.all(in)).extracting(Answer::status).containsOnly(200);
      }
    }
  }

  private static final Executor THREADS = task -> Thread.ofVirtual().start(task);

  abstract static class Overload {
    final Model model;

    Overload(Model model) {
      this.model = model;
    }

    @ParameterizedTest
    @ValueSource(strings = {"/io", "/io/offloaded"})
    void beyond_MAX_IN_FLIGHT_is_503_while_health_goes_on(String path) {
      try (Gate gate = Gate.shut();
          Running server = model.start(gate.url(), Map.of("MAX_IN_FLIGHT", "3"))) {
        List<CompletableFuture<Answer>> in = server.main().start(path, 3);
        gate.awaitWaiting(3);

        Answer refused = server.main().get(path);
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.problem()).isEqualTo("overloaded");
        assertThat(refused.header("retry-after")).isEqualTo("1");
        assertThat(server.main().get("/").status()).isEqualTo(503);
        assertThat(server.main().get("/health/live").status()).isEqualTo(200);
        assertThat(server.main().get("/health/ready").status()).isEqualTo(200);
        assertThat(server.threads().at("/requests/rejected").intValue()).isEqualTo(2);

        gate.open();
        assertThat(Await.all(in)).extracting(Answer::status).containsOnly(200);
        assertThat(server.main().get(path).status()).isEqualTo(200);
      }
    }

    @Test
    void a_client_with_its_share_in_flight_is_refused_while_others_are_served() {
      Map<String, String> settings =
          Map.of("MAX_IN_FLIGHT_PER_CLIENT", "2", "TRUSTED_PROXIES", "1");
      try (Gate gate = Gate.shut();
          Running server = model.start(gate.url(), settings);
          Raw first = server.connect();
          Raw second = server.connect();
          Raw third = server.connect()) {
        first.send(from("192.0.2.1", "/io"));
        second.send(from("192.0.2.1", "/io"));
        gate.awaitWaiting(2);

        Answer refused = third.send(from("192.0.2.1", "/")).read();
        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.problem()).isEqualTo("rate-limited");
        assertThat(refused.header("retry-after")).isEqualTo("1");
        assertThat(third.send(from("192.0.2.1", "/health/live")).read().status()).isEqualTo(200);
        assertThat(third.send(from("192.0.2.2", "/")).read().status()).isEqualTo(200);

        gate.open();
        assertThat(first.read().status()).isEqualTo(200);
        assertThat(second.read().status()).isEqualTo(200);
        server.awaitInFlight(0);
        assertThat(third.send(from("192.0.2.1", "/")).read().status()).isEqualTo(200);
      }
    }

    private static String from(String client, String path) {
      return "GET " + path + " HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: " + client + "\r\n\r\n";
    }

    @Test
    void a_refused_request_keeps_its_connection() {
      try (Gate gate = Gate.shut();
          Running server = model.start(gate.url(), Map.of("MAX_IN_FLIGHT", "1"));
          Raw connection = server.connect()) {
        CompletableFuture<Answer> in = server.main().start("/io");
        gate.awaitWaiting(1);
        assertThat(connection.get("/io").read("GET", "/io").status()).isEqualTo(503);

        gate.open();
        Await.result(in);
        server.awaitInFlight(0);
        assertThat(connection.get("/io").read("GET", "/io").status()).isEqualTo(200);
      }
    }

    @Test
    void two_workers_and_a_queue_of_two_take_four_of_twelve_offloaded_calls() {
      assertFourOfTwelve("/io/offloaded", Map.of("WORKERS", "2", "QUEUE_SIZE", "2"));
    }

    @Test
    void a_wait_for_a_worker_that_would_be_too_long_is_refused_at_once() {
      assertRefusesALongWait("/io/offloaded", "WORKERS", "worker");
    }

    @Test
    void an_adaptive_limit_begins_low_and_refuses_what_is_above_it() {
      try (Gate gate = Gate.shut();
          Running server = model.start(gate.url(), Map.of("ADAPTIVE_LIMIT", "gradient"))) {
        List<CompletableFuture<Answer>> in = server.main().start("/io", 20);
        gate.awaitWaiting(20);
        assertThat(server.main().get("/io").status()).isEqualTo(503);
        assertThat(server.main().get("/health/live").status()).isEqualTo(200);
        gate.open();
        assertThat(Await.all(in)).extracting(Answer::status).containsOnly(200);
      }
    }

    /** One thread stands before the gate, one call waits for it; it has to be a long wait now. */
    void assertRefusesALongWait(String path, String threads, String pool) {
      int maxQueueMs = 300;
      Map<String, String> settings = Map.of(threads, "1", "MAX_QUEUE_MS", "" + maxQueueMs);
      try (Gate gate = Gate.shut();
          Running server = model.start(gate.url(), settings)) {
        CompletableFuture<Answer> first = server.main().start(path);
        gate.awaitWaiting(1);
        long begunNanos = System.nanoTime();
        CompletableFuture<Answer> second = server.main().start(path);
        Await.until("one call waits for a thread", () -> queued(server, pool) == 1);
        Await.until(
            "no call has begun for longer than one may wait",
            () -> System.nanoTime() - begunNanos > maxQueueMs * 1_000_000L);

        Answer refused = server.main().get(path);
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.problem()).isEqualTo("overloaded");
        assertThat(refused.header("retry-after")).isEqualTo("1");
        assertThat(server.main().get("/health/live").status()).isEqualTo(200);
        assertThat(queued(server, pool)).isEqualTo(1);

        gate.open();
        assertThat(Await.result(first).status()).isEqualTo(200);
        assertThat(Await.result(second).status()).isEqualTo(200);
        assertThat(server.main().get(path).status()).isEqualTo(200);
      }
    }

    private static int queued(Running server, String pool) {
      String metrics = server.management().get("/metrics").text();
      Matcher line =
          Pattern.compile("executor_queued_tasks\\{name=\"" + pool + "\".*} (\\d+)")
              .matcher(metrics);
      assertThat(line.find()).isTrue();
      return Integer.parseInt(line.group(1));
    }

    /** More users than processors compute in place, each asking again, until one is refused. */
    void assertNewcomersAreRefusedWhileAllCompute() {
      int users = 4 * Runtime.getRuntime().availableProcessors();
      try (Gate gate = Gate.opened();
          Running server = model.start(gate.url(), Map.of("MAX_QUEUE_MS", "20"))) {
        AtomicReference<Answer> refused = new AtomicReference<>();
        List<CompletableFuture<Void>> all = new ArrayList<>();
        for (int i = 0; i < users; i++) {
          all.add(CompletableFuture.runAsync(() -> computeUntil(server, refused), THREADS));
        }
        Await.all(all);
        assertThat(refused.get().status()).isEqualTo(503);
        assertThat(refused.get().header("retry-after")).isEqualTo("1");
        Await.until(
            "a server with nothing to do lets requests in again",
            () -> server.main().get("/io?waitMs=0").status() == 200);
      }
    }

    private static void computeUntil(Running server, AtomicReference<Answer> refused) {
      while (refused.get() == null) {
        Answer answer = server.main().get("/cpu/inline?work=30");
        if (answer.status() != 200) {
          refused.set(answer);
        }
      }
    }

    /** The gate stays shut until eight have been refused, so four have found room and no more. */
    void assertFourOfTwelve(String path, Map<String, String> settings) {
      try (Gate gate = Gate.shut();
          Running server = model.start(gate.url(), settings)) {
        List<Raw> connections = new ArrayList<>();
        List<CompletableFuture<Answer>> answers = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
          Raw connection = server.connect();
          connections.add(connection);
          connection.get(path);
          answers.add(CompletableFuture.supplyAsync(() -> connection.read("GET", path), THREADS));
        }
        Await.until(
            "eight are refused",
            () -> answers.stream().filter(CompletableFuture::isDone).count() == 8);
        gate.awaitWaiting(2);
        gate.open();

        assertThat(Await.all(answers)).filteredOn(a -> a.status() == 200).hasSize(4);
        assertThat(Await.all(answers))
            .filteredOn(a -> a.status() == 503)
            .hasSize(8)
            .allSatisfy(a -> assertThat(a.header("retry-after")).isEqualTo("1"));
        assertThat(gate.peak()).isEqualTo(2);
        for (Raw connection : connections) {
          assertThat(connection.get("/io").read("GET", "/io").status()).isEqualTo(200);
          connection.close();
        }
      }
    }
  }
}
