package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.upstream.UpstreamServer;
import dev.handlermodels.upstream.UpstreamStats;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A client that hangs up: its request ends, its upstream call is broken off, and nobody else's. The
 * calls would take a minute, which is longer than any of these tests may.
 */
@Rules
@AtOnce
@Tag("slow")
class HangUpTest {
  @Nested
  class Vertx extends HangUp {
    Vertx() {
      super(Model.VERTX);
    }
  }

  @Nested
  class Nima extends HangUp {
    Nima() {
      super(Model.NIMA);
    }

    @Test
    void a_blocking_call_on_the_requests_own_thread_is_broken_off() {
      for (String path : List.of("/io/blocking", "/io/pinned")) {
        assertBrokenOff(path, Raw::close);
        assertBrokenOff(path, Raw::reset);
      }
    }
  }

  @Nested
  class Blocking extends HangUp {
    Blocking() {
      super(Model.BLOCKING);
    }

    @Test
    void a_blocking_call_on_the_requests_own_thread_is_broken_off() {
      for (String path : List.of("/io/blocking", "/io/pinned")) {
        assertBrokenOff(path, Raw::close);
        assertBrokenOff(path, Raw::reset);
      }
    }

    @Test
    void a_request_leaves_the_queue_of_the_pool_without_a_call() {
      assertLeavesQueue("/io", Map.of("POOL_SIZE", "1"));
    }
  }

  /** What an operator would have to look into. */
  private static final class Errors extends Handler implements AutoCloseable {
    private final List<String> messages = new CopyOnWriteArrayList<>();

    Errors() {
      Logger.getLogger("").addHandler(this);
    }

    @Override
    public void publish(LogRecord message) {
      if (message.getLevel().intValue() >= Level.WARNING.intValue()) {
        messages.add(message.getLoggerName() + ": " + message.getMessage());
      }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
      Logger.getLogger("").removeHandler(this);
    }
  }

  /** How a client leaves. */
  private interface Leave {
    void by(Raw connection);
  }

  abstract static class HangUp {
    private static final String LONG = "?waitMs=60000";

    final Model model;
    private UpstreamServer upstream;
    private Running server;

    HangUp(Model model) {
      this.model = model;
    }

    @BeforeEach
    void start() throws IOException {
      upstream = UpstreamServer.start("127.0.0.1", 0);
      server = model.start(upstream.url(), Map.of());
    }

    @AfterEach
    void stop() {
      server.close();
      upstream.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/io", "/io/offloaded"})
    void a_client_that_closes_its_connection_ends_its_call(String path) {
      assertBrokenOff(path, Raw::close);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/io", "/io/offloaded"})
    void a_client_that_resets_its_connection_ends_its_call(String path) {
      assertBrokenOff(path, Raw::reset);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/io", "/io/offloaded"})
    void a_client_that_closes_its_sending_side_counts_as_gone(String path) {
      assertBrokenOff(
          path,
          connection -> assertThat(connection.closeSendingSide().isClosedByServer()).isTrue());
    }

    void assertBrokenOff(String path, Leave leave) {
      long aborted = stats().aborted();
      try (Raw connection = server.connect()) {
        connection.get(path + LONG);
        Await.until("the call is at the upstream", () -> stats().active() == 1);
        leave.by(connection);
        Await.until("the upstream sees the call broken off", () -> stats().aborted() > aborted);
      }
      server.awaitInFlight(0);
      assertThat(stats().aborted()).isEqualTo(aborted + 1);
      assertThat(stats().active()).isZero();
      Await.until(
          "no thread works for it any more",
          () -> server.threads().at("/handlers/busy").intValue() == 0);
      assertThat(server.management().get("/metrics").text())
          .containsPattern("http_server_requests_seconds_count\\{.*route=\"" + path + ".*499");
    }

    @Test
    void a_client_that_leaves_within_its_body_is_no_failure_of_the_server() {
      try (Errors errors = new Errors()) {
        for (Leave leave : List.<Leave>of(Raw::close, Raw::reset)) {
          try (Raw connection = server.connect()) {
            connection.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nhalf");
            server.awaitInFlight(1);
            leave.by(connection);
            server.awaitInFlight(0);
          }
        }
        assertThat(errors.messages).isEmpty();
      }
      // Whoever closes only his sending side may be told: 400.
      assertThat(server.management().get("/metrics").text().lines())
          .filteredOn(line -> line.startsWith("http_server_requests_seconds_count"))
          .filteredOn(line -> line.contains("route=\"/echo\""))
          .isNotEmpty()
          .allSatisfy(line -> assertThat(line).containsPattern("status=\"(400|499)\""));
    }

    @Test
    void a_body_that_ends_before_its_length_is_never_answered_as_if_it_were_whole() {
      try (Raw connection = server.connect()) {
        connection.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nhalf");
        server.awaitInFlight(1);
        connection.closeSendingSide();
        server.awaitInFlight(0);
      }
      assertThat(server.management().get("/metrics").text().lines())
          .filteredOn(line -> line.startsWith("http_server_requests_seconds_count"))
          .filteredOn(line -> line.contains("route=\"/echo\""))
          .singleElement()
          .asString()
          .containsPattern("status=\"(400|499)\"");
    }

    @Test
    void clients_that_leave_while_the_upstream_is_called_write_nothing_to_the_log() {
      try (Errors errors = new Errors()) {
        for (int i = 0; i < 10; i++) {
          for (Leave leave : List.<Leave>of(Raw::close, Raw::reset)) {
            for (String path : List.of("/fanout?calls=5&waitMs=60000", "/aggregate/ada")) {
              leaveWhileCalled(path, leave, i % 2 == 0);
            }
          }
        }
        server.awaitInFlight(0);
        assertThat(errors.messages).isEmpty();
      }
    }

    private void leaveWhileCalled(String path, Leave leave, boolean waits) {
      long received = stats().received();
      try (Raw connection = server.connect()) {
        connection.get(path);
        if (waits) {
          Await.until("calls are made", () -> stats().received() > received);
        }
        leave.by(connection);
      }
    }

    @Test
    void of_many_clients_only_the_calls_of_those_who_left_are_broken_off() {
      List<Raw> connections = IntStream.range(0, 30).mapToObj(_ -> server.connect()).toList();
      connections.forEach(connection -> connection.get("/io" + LONG));
      Await.until("all calls are at the upstream", () -> stats().active() == 30);

      connections.subList(0, 20).forEach(Raw::close);
      Await.until("those are broken off", () -> stats().aborted() == 20);
      server.awaitInFlight(10);
      assertThat(stats().active()).isEqualTo(10);

      connections.subList(20, 30).forEach(Raw::reset);
      server.awaitInFlight(0);
      Await.until("all are broken off", () -> stats().aborted() == 30);
    }

    @Test
    void a_client_that_stays_gets_its_answer_however_long_others_have_been_gone() {
      try (Raw stays = server.connect();
          Raw leaves = server.connect()) {
        stays.get("/io?waitMs=2000");
        leaves.get("/io" + LONG);
        Await.until("both calls are at the upstream", () -> stats().active() == 2);
        leaves.reset();
        assertThat(stays.read("GET", "/io").status()).isEqualTo(200);
        Await.until("the other call is broken off", () -> stats().aborted() == 1);
        assertThat(stays.get("/io?waitMs=1").read("GET", "/io").status()).isEqualTo(200);
      }
    }

    @Test
    void the_next_requests_of_a_pipelining_client_are_not_lost_meanwhile() {
      try (Raw connection = server.connect()) {
        connection.get("/io?waitMs=1000").get("/io?waitMs=7").get("/health/live");
        assertThat(connection.read("GET", "/io").json().path("waitMs").intValue()).isEqualTo(1000);
        assertThat(connection.read("GET", "/io").json().path("waitMs").intValue()).isEqualTo(7);
        assertThat(connection.read("GET", "/health/live").status()).isEqualTo(200);
      }
      assertThat(stats().aborted()).isZero();
    }

    @Test
    void a_call_leaves_the_queue_of_the_workers_without_being_made() {
      assertLeavesQueue("/io/offloaded", Map.of("WORKERS", "1"));
    }

    /** One request keeps the only thread, the next waits in the queue, and its client leaves. */
    void assertLeavesQueue(String path, Map<String, String> settings) {
      try (Gate gate = Gate.shut();
          Running small = model.start(gate.url(), settings)) {
        CompletableFuture<Answer> first = small.main().start(path);
        gate.awaitWaiting(1);
        Raw queued = small.connect();
        queued.get(path + LONG);
        small.awaitInFlight(2);
        queued.close();
        small.awaitInFlight(1);
        assertThat(first).isNotDone();

        gate.open();
        assertThat(Await.result(first).status()).isEqualTo(200);
        assertThat(small.main().get(path).status()).isEqualTo(200);
        assertThat(gate.seen()).hasSize(2).noneMatch(line -> line.contains("60000"));
      }
    }

    private UpstreamStats.Snapshot stats() {
      return upstream.stats().snapshot();
    }
  }
}
