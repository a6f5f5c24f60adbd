package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The sentences in the comments of the three {@code Handlers}: who waits where, and what bounds how
 * many calls can wait at once. Ceilings are proved by the number of calls that stand before a shut
 * gate, for calls at once / wait is the rate.
 */
@Rules
class HandlerModelTest {

  @Nested
  class Vertx extends HandlerModel {
    Vertx() {
      super(Model.VERTX);
    }

    @Test
    void io_holds_no_thread_while_it_waits() {
      whileWaiting(
          "/io",
          50,
          50,
          Map.of(),
          server -> {
            assertThat(server.threads().at("/handlers/busy").intValue()).isZero();
            assertThat(server.threads().at("/handlers/distinct").intValue()).isEqualTo(1);
            assertThat(server.main().get("/").status()).isEqualTo(200);
          });
    }

    @Test
    void io_offloaded_leaves_the_loop_to_others_while_its_workers_wait() {
      whileWaiting(
          "/io/offloaded",
          12,
          3,
          Map.of("WORKERS", "3"),
          server -> {
            assertThat(server.threads().at("/handlers/busy").intValue()).isEqualTo(3);
            assertThat(server.main().get("/health/live").status()).isEqualTo(200);
            assertThat(server.main().get("/").status()).isEqualTo(200);
          });
    }

    @Test
    void all_200_requests_at_once_are_at_the_upstream_at_the_same_time() {
      whileWaiting("/io", 200, 200, Map.of(), _ -> {});
    }
  }

  @Nested
  class Nima extends HandlerModel {
    Nima() {
      super(Model.NIMA);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/io", "/io/blocking"})
    void every_request_waits_on_a_virtual_thread_of_its_own(String path) {
      whileWaiting(
          path,
          50,
          50,
          Map.of(),
          server -> {
            assertThat(server.threads().at("/handlers/busy").intValue()).isEqualTo(50);
            assertThat(server.threads().at("/virtualThreads/live").intValue()).isEqualTo(50);
            assertThat(server.main().get("/").status()).isEqualTo(200);
          });
    }

    @ParameterizedTest
    @ValueSource(strings = {"/io", "/io/blocking"})
    void all_200_requests_at_once_are_at_the_upstream_at_the_same_time(String path) {
      whileWaiting(path, 200, 200, Map.of(), _ -> {});
    }

    @Test
    void io_offloaded_has_the_ceiling_of_the_workers_for_nothing() {
      whileWaiting("/io/offloaded", 12, 3, Map.of("WORKERS", "3"), _ -> {});
    }
  }

  @Nested
  class Blocking extends HandlerModel {
    Blocking() {
      super(Model.BLOCKING);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/io", "/io/blocking", "/io/pinned"})
    void request_number_pool_plus_one_waits_in_the_queue(String path) {
      whileWaiting(
          path,
          9,
          8,
          Map.of("POOL_SIZE", "8"),
          server -> assertThat(server.threads().at("/handlers/busy").intValue()).isEqualTo(8));
    }

    @Test
    void of_200_requests_at_once_never_more_than_the_pool_are_at_the_upstream() {
      whileWaiting("/io", 200, 40, Map.of("POOL_SIZE", "40"), _ -> {});
    }

    @ParameterizedTest(name = "pool {0}, workers {1}: {2} at once")
    @CsvSource({"6, 3, 3", "3, 6, 3"})
    void io_offloaded_has_the_ceiling_of_the_smaller_pool(int pool, int workers, int atOnce) {
      whileWaiting(
          "/io/offloaded",
          12,
          atOnce,
          Map.of("POOL_SIZE", "" + pool, "WORKERS", "" + workers),
          _ -> {});
    }

    @Test
    void io_offloaded_makes_two_threads_stand_still_for_one_call() {
      whileWaiting(
          "/io/offloaded",
          1,
          1,
          Map.of(),
          server -> assertThat(server.threads().at("/handlers/busy").intValue()).isEqualTo(2));
    }
  }

  abstract static class HandlerModel {
    final Model model;

    HandlerModel(Model model) {
      this.model = model;
    }

    /** What a test looks at while the gate is shut. */
    interface Look {
      void at(Running server);
    }

    /**
     * Sends so many requests at once through one connection pool, and looks at the server while as
     * many calls as can stand before the gate and all other requests wait inside the server.
     *
     * @param atOnce the calls that reach the upstream, no more and no fewer
     */
    void whileWaiting(
        String path, int requests, int atOnce, Map<String, String> settings, Look look) {
      try (Gate gate = Gate.shut();
          Running server = model.start(gate.url(), settings)) {
        List<CompletableFuture<Answer>> answers = server.main().start(path, requests);
        server.awaitInFlight(requests);
        gate.awaitWaiting(atOnce);
        look.at(server);
        assertThat(answers).noneMatch(CompletableFuture::isDone);

        gate.open();
        assertThat(Await.all(answers)).extracting(Answer::status).containsOnly(200);
        assertThat(gate.peak()).isEqualTo(atOnce);
        server.awaitInFlight(0);
        assertThat(server.threads().at("/handlers/busy").intValue()).isZero();
      }
    }
  }
}
