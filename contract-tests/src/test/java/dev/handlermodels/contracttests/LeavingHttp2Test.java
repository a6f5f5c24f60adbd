package dev.handlermodels.contracttests;

import static dev.handlermodels.contracttests.RawHttp2.END_HEADERS;
import static dev.handlermodels.contracttests.RawHttp2.END_STREAM;
import static dev.handlermodels.contracttests.RawHttp2.HEADERS;
import static dev.handlermodels.contracttests.RawHttp2.INITIAL_WINDOW_SIZE;
import static dev.handlermodels.contracttests.RawHttp2.PREFACE;
import static dev.handlermodels.contracttests.RawHttp2.SETTINGS;
import static dev.handlermodels.contracttests.RawHttp2.bytes;
import static dev.handlermodels.contracttests.RawHttp2.request;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/**
 * Clients of HTTP/2 that leave while their answers wait for room in a window: at any moment,
 * nothing of theirs stays in flight.
 */
@Rules
class LeavingHttp2Test {
  @Nested
  class Vertx extends LeavingHttp2 {
    Vertx() {
      super(Model.VERTX);
    }
  }

  @Nested
  class Nima extends LeavingHttp2 {
    Nima() {
      super(Model.NIMA);
    }
  }

  @Nested
  class Blocking extends LeavingHttp2 {
    Blocking() {
      super(Model.BLOCKING);
    }
  }

  @Rules
  abstract static class LeavingHttp2 {
    private static final int CLIENTS = 150;
    private static final int STREAMS = 30;

    final Model model;

    LeavingHttp2(Model model) {
      this.model = model;
    }

    @Test
    void nothing_stays_in_flight_or_is_logged_when_clients_leave_within_their_answers() {
      Random random = new Random(13);
      try (LogCapture log = new LogCapture();
          Gate upstream = Gate.opened();
          Running server = model.start(upstream.url(), Map.of("HTTP2", "true"))) {
        for (int i = 0; i < CLIENTS; i++) {
          try (Raw client = server.connect()) {
            int leavesAt = started(server) + 1 + random.nextInt(STREAMS);
            client.send(asked());
            Await.until("requests have begun", () -> started(server) >= leavesAt);
            client.send(window(1));
          }
        }
        server.awaitInFlight(0);
        assertThat(log.lines())
            .as("that a client leaves is no fault")
            .noneMatch(line -> line.contains("broke off"));
      }
    }

    private static int started(Running server) {
      return server.threads().at("/requests/started").intValue();
    }

    private static byte[] asked() {
      ByteArrayOutputStream asked = new ByteArrayOutputStream();
      asked.writeBytes(PREFACE);
      asked.writeBytes(window(0));
      for (int i = 0; i < STREAMS; i++) {
        asked.writeBytes(bytes(HEADERS, END_STREAM | END_HEADERS, 2 * i + 1, request("GET", "/")));
      }
      return asked.toByteArray();
    }

    private static byte[] window(int size) {
      return bytes(
          SETTINGS,
          0,
          0,
          ByteBuffer.allocate(6).putShort((short) INITIAL_WINDOW_SIZE).putInt(size).array());
    }
  }
}
