package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** A handler of several steps: each as at its own endpoint, one after the other. */
@Rules
class StepsTest {
  @Nested
  class Vertx extends OfModel {
    Vertx() {
      super(Model.VERTX);
    }
  }

  @Nested
  class Nima extends OfModel {
    Nima() {
      super(Model.NIMA);
    }
  }

  @Nested
  class Blocking extends OfModel {
    Blocking() {
      super(Model.BLOCKING);
    }
  }

  @Rules
  abstract static class OfModel {
    private final Model model;
    private Gate upstream;
    private Running server;

    OfModel(Model model) {
      this.model = model;
    }

    @BeforeAll
    void start() {
      upstream = Gate.opened();
      server = model.start(upstream.url(), TestDatabase.settings(Map.of()));
    }

    @AfterAll
    void stop() {
      server.close();
      upstream.close();
    }

    @Test
    void all_steps_are_done_before_the_answer() {
      JsonNode result = server.main().get("/steps?steps=call:3,sql:20,call:4,cpu:20").json();

      List<String> done = new ArrayList<>();
      result.path("steps").forEach(step -> done.add(step.asString()));
      assertThat(done).containsExactly("call:3", "sql:20", "call:4", "cpu:20");
      assertThat(result.path("tookMs").doubleValue())
          .as("PostgreSQL held the connection for 20 ms")
          .isGreaterThanOrEqualTo(20);
      assertThat(upstream.seen())
          .containsSequence("GET /wait?waitMs=3 HTTP/1.1", "GET /wait?waitMs=4 HTTP/1.1");
    }

    @Test
    void a_step_begins_when_the_one_before_it_has_ended() {
      try (Gate shut = Gate.shut();
          Running other = model.start(shut.url(), TestDatabase.settings(Map.of()))) {
        var answer = other.main().start("/steps?steps=call:1,call:2");
        shut.awaitWaiting(1);
        shut.letOneThrough();
        Await.until("the second call", () -> shut.seen().size() == 2);
        assertThat(shut.peak()).isEqualTo(1);
        assertThat(answer).isNotDone();
        shut.letOneThrough();
        assertThat(Await.result(answer).status()).isEqualTo(200);
      }
    }

    @Test
    void the_first_step_that_fails_is_the_answer() {
      Gate gone = Gate.opened();
      gone.close();
      try (Running without = model.start(gone.url(), Map.of())) {
        Answer failed = without.main().get("/steps?steps=cpu:1,call:1,cpu:1");
        assertThat(failed.status()).isEqualTo(502);
        assertThat(failed.problem()).isEqualTo("upstream-failed");
      }
    }

    @Test
    void what_is_no_step_is_refused() {
      Answer answer = server.main().get("/steps?steps=nap:5");
      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.problem()).isEqualTo("bad-parameter");
      assertThat(answer.json().path("parameter").asString()).isEqualTo("steps");
    }
  }
}
