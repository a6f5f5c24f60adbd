package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** HTTP/1.0 knows no chunks: an answer of unknown length ends with its connection. */
@Rules
class OldStreamTest {
  @Nested
  class Vertx extends OldStream {
    Vertx() {
      super(Model.VERTX);
    }
  }

  @Nested
  class Nima extends OldStream {
    Nima() {
      super(Model.NIMA);
    }
  }

  @Nested
  class Blocking extends OldStream {
    Blocking() {
      super(Model.BLOCKING);
    }
  }

  @Rules
  abstract static class OldStream {
    final Model model;
    private final Gate upstream = Gate.opened();

    OldStream(Model model) {
      this.model = model;
    }

    @AfterAll
    void stop() {
      upstream.close();
    }

    @Test
    void a_stream_over_HTTP_1_0_ends_its_connection_whatever_the_client_asks_for() {
      try (Running server = model.start(upstream.url(), Map.of());
          Raw client = server.connect()) {
        String keep = " HTTP/1.0\r\nHost: x\r\nConnection: keep-alive\r\n\r\n";
        client.send("GET /stream?items=2&everyMs=1" + keep + "GET /health/live" + keep);
        String sent = client.readToEnd();
        assertThat(sent.toLowerCase(Locale.ROOT))
            .doesNotContain("chunked", "connection: keep-alive");
        assertThat(sent).endsWith("\n\n").contains("event: end");
        assertThat(sent.split("HTTP/1\\.")).as("answers, behind nothing").hasSize(2);
      }
    }
  }
}
