package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Answers that leave into the kernel count until the client's machine has taken them. */
@Rules
class UntakenAnswersTest {
  @Nested
  class Vertx extends UntakenAnswers {
    Vertx() {
      super(Model.VERTX);
    }
  }

  @Nested
  class Nima extends UntakenAnswers {
    Nima() {
      super(Model.NIMA);
    }
  }

  @Nested
  class Blocking extends UntakenAnswers {
    Blocking() {
      super(Model.BLOCKING);
    }
  }

  @Rules
  abstract static class UntakenAnswers {
    private static final int CLIENTS = 20;

    final Model model;
    private final Gate upstream = Gate.opened();

    UntakenAnswers(Model model) {
      this.model = model;
    }

    @AfterAll
    void stop() {
      upstream.close();
    }

    private void assertCut(String target) {
      try (Running server = model.start(upstream.url(), Map.of("ANSWER_TIMEOUT_MS", "500"));
          Raw kept = server.connect()) {
        assertThat(kept.get("/").read().status()).isEqualTo(200);
        List<Raw> slow = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
          slow.add(Raw.withSmallWindow(server.instance().port()).get(target));
        }
        Await.until("all are cut", () -> server.exceeded("answer-time") == CLIENTS);
        assertThat(slow).as("the kernel keeps nothing for them").allMatch(Raw::isReset);
        slow.forEach(Raw::close);
        assertThat(kept.get("/").read().status()).as("who reads is kept").isEqualTo(200);
        server.awaitInFlight(0);
      }
    }

    /** Larger than what the kernel takes. */
    @Test
    void a_large_answer_that_nobody_reads_is_reset_at_ANSWER_TIMEOUT_MS() {
      assertCut("/docs/swagger-ui-bundle.js");
    }

    /** All of it leaves at once, and still nobody has it. */
    @Test
    void so_is_one_that_the_kernel_takes_whole() {
      assertCut("/openapi.yaml");
    }
  }
}
