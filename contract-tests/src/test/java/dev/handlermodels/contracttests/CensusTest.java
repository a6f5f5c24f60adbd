package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** GET /threads: the columns of the table that count threads. */
@Rules
class CensusTest {
  @Nested
  class Vertx extends Census {
    Vertx() {
      super(Model.VERTX);
    }

    @Override
    void assertHandlerThreads(JsonNode threads, Running server) {
      assertThat(threads.at("/handlers/distinct").intValue()).isEqualTo(1);
      assertThat(threads.at("/handlers/live").intValue()).isEqualTo(1);
      assertThat(threads.at("/virtualThreads/started").intValue()).isZero();
    }

    @Test
    void workers_count_as_handler_threads() {
      try (Gate gate = Gate.opened();
          Running server = model.start(gate.url(), Map.of("WORKERS", "2"))) {
        for (int call = 0; call < 5; call++) {
          server.main().get("/io/offloaded?waitMs=1");
        }
        assertThat(server.threads().at("/handlers/distinct").intValue()).isEqualTo(1 + 2);
      }
    }
  }

  @Nested
  class Nima extends Census {
    Nima() {
      super(Model.NIMA);
    }

    /** One virtual thread a connection, which dies with it. */
    @Override
    void assertHandlerThreads(JsonNode threads, Running server) {
      assertThat(threads.at("/handlers/distinct").intValue()).isEqualTo(1);
      assertThat(threads.at("/virtualThreads/started").intValue()).isEqualTo(1);
      assertThat(threads.at("/virtualThreads/live").intValue()).isEqualTo(1);
      try (Raw second = server.connect()) {
        second.get("/").read("GET", "/");
        assertThat(server.threads().at("/handlers/distinct").intValue()).isEqualTo(2);
      }
      Await.until(
          "the thread of the closed connection is gone",
          () -> server.threads().at("/handlers/live").intValue() == 1);
      assertThat(server.threads().at("/handlers/distinct").intValue()).isEqualTo(2);
    }
  }

  @Nested
  class Blocking extends Census {
    Blocking() {
      super(Model.BLOCKING);
    }

    /** A pool starts a thread for each request until it is full. */
    @Override
    void assertHandlerThreads(JsonNode threads, Running server) {
      assertThat(threads.at("/handlers/distinct").intValue()).isEqualTo(3);
      assertThat(threads.at("/handlers/live").intValue()).isEqualTo(3);
      assertThat(threads.at("/virtualThreads/started").intValue()).isZero();
    }
  }

  abstract static class Census {
    final Model model;

    Census(Model model) {
      this.model = model;
    }

    abstract void assertHandlerThreads(JsonNode threads, Running server);

    /** Five requests after one another on one connection, for servers with a pool of three. */
    @Test
    void it_counts_the_threads_that_ran_handlers() {
      try (Gate gate = Gate.opened();
          Running server = model.start(gate.url(), Map.of("POOL_SIZE", "3"));
          Raw connection = server.connect()) {
        for (int call = 0; call < 5; call++) {
          connection.get("/io?waitMs=1").read("GET", "/io?waitMs=1");
          server.awaitNobodyBusy();
        }
        server.awaitInFlight(0);
        JsonNode threads = server.threads();
        assertThat(threads.at("/requests/started").intValue()).isEqualTo(5);
        assertThat(threads.at("/requests/inFlightPeak").intValue()).isEqualTo(1);
        assertThat(threads.at("/handlers/busy").intValue()).isZero();
        assertThat(threads.at("/handlers/busyPeak").intValue()).isEqualTo(1);
        assertHandlerThreads(threads, server);
      }
    }

    @Test
    void it_says_who_is_asked_and_what_the_process_uses() {
      try (Gate gate = Gate.opened();
          Running server = model.start(gate.url(), Map.of())) {
        JsonNode threads = server.threads();
        assertThat(threads.path("server").asString()).isEqualTo(model.toString());
        assertThat(threads.path("heapUsedBytes").longValue()).isPositive();
        assertThat(threads.path("uptimeMs").longValue()).isPositive();
        assertThat(threads.path("loopLagMs").isNull()).isEqualTo(model != Model.VERTX);
        assertThat(threads.path("osThreads").isNull() || threads.path("osThreads").intValue() > 1)
            .isTrue();
      }
    }

    @Test
    void health_and_the_management_listener_are_no_handlers() {
      try (Gate gate = Gate.opened();
          Running server = model.start(gate.url(), Map.of())) {
        server.main().get("/health/live");
        server.main().get("/health/ready");
        server.threads();
        assertThat(server.threads().at("/handlers/distinct").intValue()).isZero();
        assertThat(server.threads().at("/handlers/busyPeak").intValue()).isZero();
      }
    }

    @Test
    void refused_requests_are_in_flight_no_longer() {
      try (Gate gate = Gate.opened();
          Running server = model.start(gate.url(), Map.of())) {
        server.main().get("/nothing");
        server.main().get("/io?waitMs=-1");
        server.main().send("DELETE", "/io");
        server.awaitInFlight(0);
        server.awaitNobodyBusy();
      }
    }

    @Test
    void a_client_that_leaves_is_in_flight_no_longer_once_its_call_is_over() {
      try (Gate gate = Gate.shut();
          Running server = model.start(gate.url(), Map.of())) {
        try (Raw connection = server.connect()) {
          connection.get("/io");
          gate.awaitWaiting(1);
        }
        gate.open();
        server.awaitInFlight(0);
        server.awaitNobodyBusy();
        assertThat(server.main().get("/io").status()).isEqualTo(200);
      }
    }
  }
}
