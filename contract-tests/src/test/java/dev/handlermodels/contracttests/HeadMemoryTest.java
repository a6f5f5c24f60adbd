package dev.handlermodels.contracttests;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What is kept of heads counts, and beyond CLIENT_MEMORY_BYTES it is given up. */
@Rules
class HeadMemoryTest {
  @Nested
  class Vertx extends HeadMemory {
    Vertx() {
      super(Model.VERTX);
    }
  }

  @Nested
  class Nima extends HeadMemory {
    Nima() {
      super(Model.NIMA);
    }
  }

  @Rules
  abstract static class HeadMemory {
    private static final int CLIENTS = 60;
    private static final String FIELDS = ("X: " + "y".repeat(95) + "\r\n").repeat(78);

    final Model model;
    private final Gate upstream = Gate.shut();

    HeadMemory(Model model) {
      this.model = model;
    }

    @AfterAll
    void stop() {
      upstream.close();
    }

    private void assertBounded(String ofEach) {
      try (Running server = model.start(upstream.url(), Map.of("CLIENT_MEMORY_BYTES", "1048576"))) {
        List<Raw> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
          clients.add(server.connect().sendWhileReading(ofEach.getBytes(US_ASCII)));
        }
        Await.until("some are given up", () -> server.exceeded("memory") > 0);
        assertThat(held(server)).isLessThanOrEqualTo(1_048_576);
        clients.forEach(Raw::close);
        Await.until("all is given back", () -> held(server) == 0);
        try (Raw other = server.connect()) {
          assertThat(other.get("/").read().status()).isEqualTo(200);
        }
      }
    }

    private static int held(Running server) {
      return server.metric("http_server_memory_bytes");
    }

    @Test
    void halves_of_heads_count() {
      assertBounded("GET / HTTP/1.1\r\nHost: x\r\n" + FIELDS);
    }

    @Test
    void a_long_field_counts() {
      assertBounded("GET / HTTP/1.1\r\nHost: x\r\nX: " + "y".repeat(7900));
    }

    @Test
    void heads_of_requests_that_wait_count() {
      assertBounded("GET /io HTTP/1.1\r\nHost: x\r\n" + FIELDS + "\r\n");
    }

    @Test
    void what_stands_behind_them_counts() {
      assertBounded(
          "GET /io HTTP/1.1\r\nHost: x\r\n\r\n" + "GET / HTTP/1.1\r\nHost: x\r\n\r\n".repeat(1000));
    }
  }
}
