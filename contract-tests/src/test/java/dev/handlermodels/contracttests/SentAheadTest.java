package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/**
 * Requests that a client sends before it has the answer to the first. That they take turns with
 * those of other connections is measured by {@code ./bench hostile}.
 */
@Rules
class SentAheadTest {
  @Nested
  class Vertx extends SentAhead {
    Vertx() {
      super(Model.VERTX);
    }
  }

  @Nested
  class Nima extends SentAhead {
    Nima() {
      super(Model.NIMA);
    }
  }

  @Nested
  class Blocking extends SentAhead {
    Blocking() {
      super(Model.BLOCKING);
    }
  }

  abstract static class SentAhead {
    private final Model model;

    SentAhead(Model model) {
      this.model = model;
    }

    private static String get(String target) {
      return "GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n";
    }

    @Test
    void a_refusal_ends_a_connection_on_which_more_was_sent_ahead() {
      try (Gate gate = Gate.shut();
          Running server = model.start(gate.url(), Map.of("MAX_IN_FLIGHT", "1"));
          Raw connection = server.connect()) {
        CompletableFuture<Answer> in = server.main().start("/io");
        gate.awaitWaiting(1);

        connection.send(get("/").repeat(3));
        Answer refused = connection.read("GET", "/");
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.header("connection")).isEqualToIgnoringCase("close");
        assertThat(connection.isClosedByServer()).isTrue();

        gate.open();
        assertThat(Await.result(in).status()).isEqualTo(200);
      }
    }
  }
}
