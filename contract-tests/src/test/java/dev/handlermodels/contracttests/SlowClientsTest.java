package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.api.Endpoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/**
 * Clients that hold a connection without getting on with it: each is cut off at its time, counted,
 * and leaves nothing behind, while others are served.
 */
@Rules
class SlowClientsTest {
  @Nested
  class Vertx extends SlowClients {
    Vertx() {
      super(Model.VERTX);
    }
  }

  @Nested
  class Nima extends SlowClients {
    Nima() {
      super(Model.NIMA);
    }
  }

  @Nested
  class Blocking extends SlowClients {
    Blocking() {
      super(Model.BLOCKING);
    }
  }

  @Rules
  abstract static class SlowClients {
    private static final int CLIENTS = 60;
    private static final int FEW = 15;
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");
    private static final String GET = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    private static final String POST =
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n";

    final Model model;
    private final Gate upstream = Gate.opened();

    SlowClients(Model model) {
      this.model = model;
    }

    @AfterAll
    void stop() {
      upstream.close();
    }

    private Running start(String timeout) {
      return model.start(upstream.url(), Map.of(timeout, "200"));
    }

    @Test
    void heads_that_stall_or_drip_end_at_HEADER_TIMEOUT_MS() {
      try (Running server = start("HEADER_TIMEOUT_MS");
          Raw kept = server.connect()) {
        assertThat(kept.send(GET).read().status()).isEqualTo(200);
        assertNothingIsLeft(
            server,
            () -> {
              List<Raw> slow = new ArrayList<>();
              for (int i = 0; i < CLIENTS; i++) {
                Raw client = server.connect();
                slow.add(client);
                switch (i % 6) {
                  case 0 -> client.send("G");
                  case 1 -> client.send("GET / HTTP/1.1\r");
                  case 2 -> client.send("GET / HTTP/1.1\r\nHost: x\r\nX:");
                  case 3 ->
                      client.send("GET / HTTP/1.1\r\nHost: x\r\nX: ").drip(Duration.ofMillis(9));
                  // the rest comes behind, or together with, a request that is whole
                  case 4 -> {
                    assertThat(client.send(GET).read().status()).isEqualTo(200);
                    client.send("GET / HTTP/1.1\r\nHost: x\r\n");
                  }
                  default ->
                      assertThat(client.send(GET + "GET / HT").read().status()).isEqualTo(200);
                }
              }
              assertThat(slow).allMatch(Raw::isClosedByServer);
              return slow;
            });
        assertThat(server.exceeded("header-time")).isEqualTo(2 * CLIENTS);
        assertThat(kept.send(GET).read().status()).as("idle is not slow").isEqualTo(200);
      }
    }

    @Test
    void bodies_that_stall_or_drip_get_408_at_REQUEST_TIMEOUT_MS() {
      try (Running server = start("REQUEST_TIMEOUT_MS");
          Raw kept = server.connect()) {
        assertThat(kept.send(GET).read().status()).isEqualTo(200);
        assertNothingIsLeft(
            server,
            () -> {
              List<Raw> slow = new ArrayList<>();
              for (int i = 0; i < CLIENTS; i++) {
                Raw client = server.connect();
                slow.add(client);
                switch (i % 4) {
                  case 0 -> client.send(POST + "Content-Length: 100\r\n\r\n");
                  case 1 -> client.send(POST + "Content-Length: 100\r\n\r\nhello");
                  case 2 ->
                      client.send(
                          POST + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n64\r\nhe");
                  default ->
                      client
                          .send(POST + "Content-Length: 100000\r\n\r\n")
                          .drip(Duration.ofMillis(9));
                }
              }
              for (Raw client : slow) {
                Answer answer = client.read("POST", "/echo");
                assertThat(answer.status()).isEqualTo(408);
                assertThat(answer.problem()).isEqualTo("request-timeout");
                assertThat(client.isClosedByServer()).isTrue();
              }
              return slow;
            });
        assertThat(server.exceeded("body-time")).isEqualTo(2 * CLIENTS);
        assertThat(kept.send(GET).read().status()).isEqualTo(200);
      }
    }

    @Test
    void answers_that_nobody_takes_end_at_ANSWER_TIMEOUT_MS() {
      try (Running server = start("ANSWER_TIMEOUT_MS");
          Raw kept = server.connect()) {
        assertThat(kept.send(GET).read().status()).isEqualTo(200);
        String file = "GET " + Endpoint.DOCS_FILE.path("swagger-ui-bundle.js") + " HTTP/1.1\r\n";
        assertNothingIsLeft(
            server,
            () -> {
              int before = server.exceeded("answer-time");
              List<Raw> slow = new ArrayList<>();
              for (int i = 0; i < CLIENTS; i++) {
                // Ten of them are more than the kernel takes in.
                slow.add(server.connect().send((file + "Host: x\r\n\r\n").repeat(10)));
              }
              Await.until("all are cut", () -> server.exceeded("answer-time") == before + CLIENTS);
              return slow;
            });
        assertThat(kept.send(GET).read().status()).isEqualTo(200);
      }
    }

    /**
     * As many requests as were read while sending and as fit the buffers between the two, and not
     * as many as were sent.
     */
    @Test
    void requests_whose_answers_nobody_reads_are_not_answered_into_memory() {
      try (Running server = start("ANSWER_TIMEOUT_MS")) {
        byte[] requests =
            "GET /openapi.yaml HTTP/1.1\r\nHost: x\r\n\r\n"
                .repeat(20_000)
                .getBytes(StandardCharsets.US_ASCII);
        try (Raw greedy = server.connect()) {
          greedy.sendWhileReading(requests);
          Await.until("it is cut", () -> server.exceeded("answer-time") == 1);
        }
        server.awaitInFlight(0);
        assertThat(server.threads().at("/requests/started").intValue()).isLessThan(5000);
      }
    }

    /** The same of long ones: not each as a whole, for as long as its client takes. */
    @Test
    void long_answers_are_written_as_they_are_read() {
      try (Running server = start("ANSWER_TIMEOUT_MS")) {
        String file = "GET " + Endpoint.DOCS_FILE.path("swagger-ui-bundle.js") + " HTTP/1.1\r\n";
        try (Raw greedy = server.connect()) {
          greedy.send((file + "Host: x\r\n\r\n").repeat(100));
          Await.until("it is cut", () -> server.exceeded("answer-time") == 1);
        }
        server.awaitInFlight(0);
        assertThat(server.threads().at("/requests/started").intValue()).isLessThan(20);
      }
    }

    /** More of them than there are threads in a pool, for much longer than the test lasts. */
    @Test
    void bodies_that_do_not_come_keep_nobody_else_waiting() {
      try (Running server = model.start(upstream.url(), Map.of("POOL_SIZE", "2"))) {
        List<Raw> slow = new ArrayList<>();
        for (int i = 0; i < FEW; i++) {
          slow.add(server.connect().send(POST + "Content-Length: 100\r\n\r\nhello"));
        }
        server.awaitInFlight(FEW);
        try (Raw other = server.connect()) {
          assertThat(other.send(GET).read().status()).isEqualTo(200);
          assertThat(other.send(POST + "Content-Length: 5\r\n\r\nhello").read().status())
              .isEqualTo(200);
        }
        slow.forEach(Raw::close);
        server.awaitInFlight(0);
      }
    }

    @Test
    void bodies_take_no_more_than_MAX_BODIES_BYTES_together() {
      String large = POST + "Content-Length: 700000\r\n\r\n";
      try (Running server = model.start(upstream.url(), Map.of("MAX_BODIES_BYTES", "1048576"));
          Raw first = server.connect();
          Raw second = server.connect();
          Raw small = server.connect()) {
        first.send(large + "x".repeat(600_000));
        Await.until("it counts", () -> server.metric("http_server_requests_body_bytes") == 600_000);
        Answer refused = second.send(large).read();
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.problem()).isEqualTo("overloaded");
        assertThat(small.send(POST + "Content-Length: 5\r\n\r\nhello").read().status())
            .isEqualTo(200);
        assertThat(first.send("x".repeat(100_000)).read().status()).isEqualTo(200);
        server.awaitInFlight(0);
        try (Raw third = server.connect()) {
          assertThat(third.send(large + "x".repeat(700_000)).read().status())
              .as("there is room again")
              .isEqualTo(200);
        }
      }
    }

    private interface Attack {
      List<Raw> run();
    }

    /**
     * Descriptors, threads and requests in flight after it as before it, but for the few that the
     * test's own clients and the management listener open now and then.
     */
    private void assertNothingIsLeft(Running server, Attack attack) {
      try (Raw client = server.connect()) {
        for (int i = 0; i < server.instance().service().settings().poolSize(); i++) {
          assertThat(client.send(GET).read().status()).isEqualTo(200);
        }
      }
      attack
          .run()
          .forEach(Raw::close); // a pool begins threads, and XNIO their selectors, one by one
      server.awaitInFlight(0);
      int threads = threads();
      long descriptors = descriptors();
      attack.run().forEach(Raw::close);
      server.awaitInFlight(0);
      try {
        Await.until(
            "descriptors and threads are back",
            () -> descriptors() <= descriptors + FEW && threads() <= threads + FEW);
      } catch (AssertionError e) {
        throw new AssertionError(
            "%s: %s descriptors after %s, %s threads after %s"
                .formatted(model, descriptors(), descriptors, threads(), threads),
            e);
      }
    }

    private static int threads() {
      return ManagementFactory.getThreadMXBean().getThreadCount();
    }

    private static long descriptors() {
      if (!Files.isDirectory(DESCRIPTORS)) {
        return 0;
      }
      try (Stream<Path> open = Files.list(DESCRIPTORS)) {
        return open.count();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
