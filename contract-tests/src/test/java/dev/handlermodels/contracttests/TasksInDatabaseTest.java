package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** TASK_STORE=postgres: accepted means committed, and any instance does what another accepted. */
@Rules
class TasksInDatabaseTest {
  @Nested
  class Vertx extends Tasks {
    Vertx() {
      super(Model.VERTX);
    }
  }

  @Nested
  class Nima extends Tasks {
    Nima() {
      super(Model.NIMA);
    }
  }

  @Nested
  class Blocking extends Tasks {
    Blocking() {
      super(Model.BLOCKING);
    }
  }

  @Rules
  abstract static class Tasks {
    private static final String WAITING = "{\"text\":\"x\",\"waitMs\":1}";

    final Model model;
    private Gate upstream;
    private Running server;

    Tasks(Model model) {
      this.model = model;
    }

    @BeforeEach
    void start() {
      upstream = Gate.shut();
      server = start(model, Map.of());
      Await.until("its tables are there", () -> server.main().get("/tasks").status() == 200);
      TestDatabase.change("DELETE FROM handler_models.task");
    }

    @AfterEach
    void stop() {
      server.close();
      upstream.close();
    }

    private Running start(Model another, Map<String, String> settings) {
      Map<String, String> all = new HashMap<>(settings);
      all.put("TASK_STORE", "postgres");
      all.putIfAbsent("TASK_TAKEOVER_MS", "1000");
      return another.start(upstream.url(), TestDatabase.settings(all));
    }

    private static Answer post(Running where, String body, String... key) {
      Map<String, String> headers = new HashMap<>(Map.of("Content-Type", "application/json"));
      if (key.length > 0) {
        headers.put("Idempotency-Key", key[0]);
      }
      return Await.result(
          where.main().start("POST", "/tasks", headers, body.getBytes(StandardCharsets.UTF_8)));
    }

    private static JsonNode awaitEnd(Running where, String location) {
      Await.until(
          "the task ends",
          () -> {
            String state = where.main().get(location).json().path("state").asString();
            return state.equals("done") || state.equals("failed");
          });
      return where.main().get(location).json();
    }

    @Test
    void a_task_is_done_and_told_by_any_instance() {
      upstream.open();
      try (Running web = start(model, Map.of("TASK_WORKERS", "0"))) {
        Answer accepted = post(web, WAITING);
        assertThat(accepted.status()).isEqualTo(202);
        JsonNode done = awaitEnd(web, accepted.header("location"));
        assertThat(done.path("state").asString()).isEqualTo("done");
        assertThat(done.at("/result/sha256").asString()).hasSize(64);
        assertThat(done.at("/result/upstream/waitedMs").isNumber()).isTrue();
        assertThat(done.path("queuedMs").doubleValue()).isNotNegative();
        assertThat(server.main().get(accepted.header("location")).json()).isEqualTo(done);
        assertThat(server.main().get("/tasks?limit=1").json().at("/tasks/0/id"))
            .isEqualTo(done.path("id"));
      }
    }

    @Test
    void a_text_may_hold_any_character() {
      String body = "{\"text\":\"a\\u0000b \\ud83d\\ude80\"}";
      JsonNode done = awaitEnd(server, post(server, body).header("location"));
      assertThat(done.path("state").asString()).isEqualTo("done");
    }

    @Test
    void a_task_that_fails_tells_why_wherever_it_is_asked_for() {
      upstream.close();
      try (Running web = start(model, Map.of("TASK_WORKERS", "0"))) {
        JsonNode failed = awaitEnd(web, post(web, WAITING).header("location"));
        assertThat(failed.path("state").asString()).isEqualTo("failed");
        assertThat(failed.at("/problem/type").asString()).endsWith("upstream-failed");
        assertThat(failed.path("result").isNull()).isTrue();
      }
    }

    @Test
    void an_idempotency_key_holds_for_all_instances() {
      upstream.open();
      try (Running other = start(model, Map.of())) {
        List<CompletableFuture<Answer>> all =
            IntStream.range(0, 20)
                .mapToObj(
                    i ->
                        (i % 2 == 0 ? server : other)
                            .main()
                            .start(
                                "POST",
                                "/tasks",
                                Map.of("Content-Type", "application/json", "Idempotency-Key", "k"),
                                WAITING.getBytes(StandardCharsets.UTF_8)))
                .toList();
        List<Answer> answers = Await.all(all);
        assertThat(answers)
            .extracting(answer -> answer.header("location"))
            .containsOnly(answers.getFirst().header("location"));
        assertThat(answers).filteredOn(answer -> answer.status() == 202).hasSize(1);
        assertThat(post(other, "{\"text\":\"y\"}", "k").status()).isEqualTo(422);
        assertThat(TestDatabase.tasks("true")).isEqualTo(1);
      }
    }

    @Test
    void beyond_the_queue_tasks_are_refused() {
      try (Running small = start(model, Map.of("TASK_WORKERS", "0", "TASK_QUEUE_SIZE", "5"))) {
        int accepted = 0;
        Answer answer = post(small, WAITING);
        while (answer.status() == 202 && accepted < 20) { // the other instance takes four of them
          accepted++;
          answer = post(small, WAITING);
        }
        assertThat(answer.status()).isEqualTo(503);
        assertThat(accepted).isBetween(5, 9);
        assertThat(small.exceeded("task-queue")).isEqualTo(1);
      }
    }

    @Test
    void the_tasks_of_an_instance_that_says_nothing_any_more_are_taken_over() {
      String location = post(server, WAITING).header("location");
      upstream.awaitWaiting(1);
      // As if the instance that has begun it had died: nobody renews the belief in this owner.
      TestDatabase.change(
          "UPDATE handler_models.task SET owner = gen_random_uuid() WHERE state = 'running'");
      upstream.awaitWaiting(2);
      upstream.open();
      JsonNode done = awaitEnd(server, location);
      assertThat(done.path("state").asString()).isEqualTo("done");
      Await.until("both have ended", () -> server.metric("tasks_running") == 0);
      assertThat(TestDatabase.tasks("attempt = 2 AND results = 1")).isEqualTo(1);
    }

    @Test
    void an_instance_that_lives_keeps_its_tasks_however_long_they_take() {
      post(server, WAITING);
      upstream.awaitWaiting(1);
      Await.until(
          "it has been believed again and again",
          () -> TestDatabase.tasks("lease_until > started_at + interval '2 seconds'") == 1);
      assertThat(TestDatabase.tasks("attempt = 1 AND state = 'running'")).isEqualTo(1);
    }

    @Test
    void an_instance_that_ends_in_order_leaves_its_tasks_to_others() {
      Running leaves = start(model, Map.of("DRAIN_MS", "0"));
      Await.until(
          "it has begun one",
          () -> {
            post(leaves, WAITING);
            return leaves.metric("tasks_running") > 0;
          });
      leaves.instance().drain();
      leaves.close();
      upstream.open();
      Await.until("all are done", () -> TestDatabase.tasks("state <> 'done'") == 0);
      assertThat(TestDatabase.tasks("results <> 1")).isZero();
    }

    @Test
    void tasks_survive_a_database_that_is_killed_and_comes_back() throws IOException {
      String location = post(server, WAITING).header("location");
      upstream.awaitWaiting(1);
      TestDatabase.server().kill();
      try {
        upstream.open(); // the task goes on, and its result has nowhere to go yet
        Answer refused = server.main().get(location);
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.problem()).isEqualTo("database-unavailable");
      } finally {
        TestDatabase.server().restart();
      }
      assertThat(awaitEnd(server, location).path("state").asString()).isEqualTo("done");
      assertThat(TestDatabase.tasks("results = 1")).isEqualTo(1);
    }

    @Test
    void results_are_forgotten_in_time() {
      upstream.open();
      try (Running other = start(model, Map.of("TASK_RESULT_TTL_MS", "1"))) {
        String location = post(other, "{\"text\":\"x\"}").header("location");
        Await.until("it is forgotten", () -> other.main().get(location).status() == 404);
      }
    }
  }
}
