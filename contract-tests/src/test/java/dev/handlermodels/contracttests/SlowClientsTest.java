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
    private static final String POST = "POST /echo HTTP/1.1\r\nHost: x\r\n";

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
        assertThat(exceeded(server, "header-time")).isEqualTo(2 * CLIENTS);
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
              // No more than there are threads in the pool: the others would wait for one.
              for (int i = 0; i < 40; i++) {
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
        assertThat(exceeded(server, "body-time")).isEqualTo(2 * 40);
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
              int before = exceeded(server, "answer-time");
              List<Raw> slow = new ArrayList<>();
              for (int i = 0; i < CLIENTS; i++) {
                // Ten of them are more than the kernel takes in.
                slow.add(server.connect().send((file + "Host: x\r\n\r\n").repeat(10)));
              }
              Await.until("all are cut", () -> exceeded(server, "answer-time") == before + CLIENTS);
              return slow;
            });
        assertThat(kept.send(GET).read().status()).isEqualTo(200);
      }
    }

    /** As many requests as fit the buffers between the two, and not as many as were sent. */
    @Test
    void requests_whose_answers_nobody_reads_are_not_answered_into_memory() {
      try (Running server = start("ANSWER_TIMEOUT_MS")) {
        byte[] requests =
            "GET /openapi.yaml HTTP/1.1\r\nHost: x\r\n\r\n"
                .repeat(20_000)
                .getBytes(StandardCharsets.US_ASCII);
        try (Raw greedy = server.connect()) {
          greedy.sendWhileReading(requests);
          Await.until("it is cut", () -> exceeded(server, "answer-time") == 1);
        }
        server.awaitInFlight(0);
        assertThat(server.threads().at("/requests/started").intValue()).isLessThan(1000);
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
            "%s: %d descriptors after %d, %d threads after %d"
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

    private static int exceeded(Running server, String limit) {
      String sample = "http_server_limits_exceeded_total{limit=\"" + limit + "\"";
      return server
          .management()
          .get("/metrics")
          .text()
          .lines()
          .filter(line -> line.startsWith(sample))
          .mapToInt(line -> (int) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
          .sum();
    }
  }
}
