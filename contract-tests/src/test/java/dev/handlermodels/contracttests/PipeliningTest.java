package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Requests behind one that waits: they wait unread, and each gets its answer. */
@Rules
class PipeliningTest {
  @Nested
  class Vertx extends Pipelining {
    Vertx() {
      super(Model.VERTX);
    }
  }

  @Nested
  class Nima extends Pipelining {
    Nima() {
      super(Model.NIMA);
    }
  }

  @Nested
  class Blocking extends Pipelining {
    Blocking() {
      super(Model.BLOCKING);
    }
  }

  @Rules
  abstract static class Pipelining {
    private static final int CLIENTS = 40;
    private static final int BEHIND = 4000;
    private static final String WAITS = "GET /io HTTP/1.1\r\nHost: x\r\n\r\n";
    private static final String DOCS = "GET /docs HTTP/1.1\r\nHost: x\r\n\r\n";

    /** Parsed, what such a client sends takes 1.2 MB. */
    private static final long HEAP_BYTES_PER_CLIENT = 400_000;

    final Model model;
    private final Gate upstream = Gate.shut();

    Pipelining(Model model) {
      this.model = model;
    }

    @AfterAll
    void stop() {
      upstream.close();
    }

    @Test
    void what_stands_behind_a_request_that_waits_is_not_parsed() {
      try (Running server = model.start(upstream.url(), Map.of("POOL_SIZE", "" + CLIENTS))) {
        byte[] requests = (WAITS + DOCS.repeat(BEHIND)).getBytes(StandardCharsets.US_ASCII);
        long before = liveHeapBytes();
        List<Raw> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
          clients.add(server.connect().sendWhileReading(requests));
        }
        upstream.awaitWaiting(CLIENTS);
        // The next reads of all of them come before that of one who connects behind them.
        try (Raw other = server.connect()) {
          assertThat(other.get("/health/live").read().status()).isEqualTo(200);
        }
        assertThat(liveHeapBytes() - before).isLessThan(CLIENTS * HEAP_BYTES_PER_CLIENT);
        clients.forEach(Raw::close);
        upstream.open();
        server.awaitInFlight(0);
      }
    }

    private static long liveHeapBytes() {
      System.gc();
      return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    @Test
    void all_are_answered_in_their_order() {
      try (Gate gate = Gate.shut();
          Running server = model.start(gate.url(), Map.of());
          Raw client = server.connect()) {
        StringBuilder requests = new StringBuilder(WAITS);
        for (int i = 0; i < 1000; i++) {
          requests.append("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n");
          String body = "this is number " + i;
          requests.append("Content-Length: ").append(body.length()).append("\r\n\r\n").append(body);
          requests.append(i % 100 == 99 ? WAITS : "");
        }
        client.sendWhileReading(requests.toString().getBytes(StandardCharsets.US_ASCII));
        gate.awaitWaiting(1);
        gate.open();
        assertThat(client.read("GET", "/io").status()).isEqualTo(200);
        for (int i = 0; i < 1000; i++) {
          assertThat(client.read().text()).isEqualTo("this is number " + i);
          if (i % 100 == 99) {
            assertThat(client.read("GET", "/io").status()).isEqualTo(200);
          }
        }
        server.awaitInFlight(0);
      }
    }

    @Test
    void a_client_that_hangs_up_behind_them_is_noticed() {
      try (Gate gate = Gate.shut();
          Running server = model.start(gate.url(), Map.of());
          Raw client = server.connect()) {
        client.send(WAITS + DOCS.repeat(3));
        gate.awaitWaiting(1);
        client.reset();
        server.awaitInFlight(0);
      }
    }
  }
}
