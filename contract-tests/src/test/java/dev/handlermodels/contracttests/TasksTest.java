package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.api.Limits;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * Work that outlives its request: accepted within bounds, done later, told for as long as it is
 * kept.
 */
@Rules
class TasksTest {
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

  /** Tasks that call the upstream; their locations in the order of acceptance. */
  static List<String> submit(Client main, int count) {
    byte[] body = "{\"text\":\"x\",\"waitMs\":1}".getBytes(StandardCharsets.UTF_8);
    return IntStream.range(0, count)
        .mapToObj(_ -> main.post("/tasks", "application/json", body).header("location"))
        .toList();
  }

  abstract static class Tasks extends ServerRules {
    private static final String WAITING = "{\"text\":\"x\",\"waitMs\":1}";

    /** printf x | sha256sum */
    private static final String HASH_OF_X =
        "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881";

    Tasks(Model model) {
      super(model);
    }

    @Test
    void a_task_is_accepted_at_once_and_done_by_a_worker() {
      Answer accepted = post(server, WAITING);

      assertThat(accepted.status()).isEqualTo(202);
      String location = accepted.header("location");
      assertThat(location).isEqualTo("/tasks/" + accepted.json().path("id").asString());
      JsonNode done = awaitEnd(server, location);
      assertThat(done.path("server").asString()).isEqualTo(model.toString());
      assertThat(done.path("state").asString()).isEqualTo("done");
      assertThat(done.path("worker").asString()).startsWith("task-worker-");
      assertThat(done.at("/result/sha256").asString()).isEqualTo(HASH_OF_X);
      assertThat(done.at("/result/upstream/waitedMs").isNumber()).isTrue();
      assertThat(upstream.seen().getLast()).startsWith("GET /wait?waitMs=1 ");
    }

    @Test
    void a_task_without_waitMs_calls_nobody() {
      int before = upstream.seen().size();
      JsonNode done = awaitEnd(server, post(server, "{\"text\":\"x\"}").header("location"));
      assertThat(done.at("/result/sha256").asString()).isEqualTo(HASH_OF_X);
      assertThat(done.at("/result/upstream").isNull()).isTrue();
      assertThat(upstream.seen()).hasSize(before);
    }

    @Test
    void tasks_wait_for_workers_while_everybody_else_is_served_and_the_queue_refuses_beyond() {
      Map<String, String> settings = Map.of("TASK_WORKERS", "2", "TASK_QUEUE_SIZE", "3");
      try (Gate gate = Gate.shut();
          Running server = model.start(gate.url(), settings);
          Raw connection = server.connect()) {
        for (int i = 0; i < 5; i++) {
          assertThat(post(server, WAITING).status()).isEqualTo(202);
          gate.awaitWaiting(Math.min(i + 1, 2));
        }
        JsonNode tasks = server.main().get("/tasks").json();
        assertThat(tasks.path("running").intValue()).isEqualTo(2);
        assertThat(tasks.path("queued").intValue()).isEqualTo(3);
        assertThat(server.main().get("/").status()).isEqualTo(200);

        Answer refused = connection.send(request(WAITING, "")).read();
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.problem()).isEqualTo("overloaded");
        assertThat(refused.header("retry-after")).isEqualTo("1");
        assertThat(refused.header("location")).isNull();
        assertThat(server.threads().at("/requests/rejected").intValue()).isEqualTo(1);
        assertThat(metric(server, "tasks_refused_total")).isEqualTo("1.0");
        assertThat(metric(server, "tasks_queued")).isEqualTo("3.0");
        assertThat(metric(server, "tasks_unfinished_bytes")).isEqualTo(5 * WAITING.length() + ".0");

        gate.open();
        tasks
            .path("tasks")
            .forEach(task -> awaitEnd(server, "/tasks/" + task.path("id").asString()));
        assertThat(connection.send(request(WAITING, "")).read().status())
            .as("the refused connection goes on")
            .isEqualTo(202);
        assertThat(gate.peak()).isEqualTo(2);
      }
    }

    @Test
    void unfinished_bodies_have_a_bound_in_bytes_too() {
      try (Gate gate = Gate.shut();
          Running server = model.start(gate.url(), Map.of("TASK_QUEUE_BYTES", "65536"))) {
        String half = "{\"waitMs\":1,\"text\":\"" + "x".repeat(40_000) + "\"}";
        String location = post(server, half).header("location");
        assertThat(post(server, half).status()).isEqualTo(503);
        assertThat(post(server, WAITING).status()).isEqualTo(202);
        gate.open();
        awaitEnd(server, location);
        Await.until("room", () -> post(server, half).status() == 202);
      }
    }

    @Test
    void a_task_whose_upstream_fails_has_failed_with_that_problem() {
      URI nobody;
      try (Gate gate = Gate.opened()) {
        nobody = gate.url();
      }
      try (Running server = model.start(nobody, Map.of())) {
        JsonNode failed = awaitEnd(server, post(server, WAITING).header("location"));
        assertThat(failed.path("state").asString()).isEqualTo("failed");
        assertThat(failed.at("/problem/status").intValue()).isEqualTo(502);
        assertThat(failed.path("result").isNull()).isTrue();
      }
    }

    @Test
    void the_same_key_and_body_get_the_same_task() {
      try (Raw connection = server.connect()) {
        String keyed = request(WAITING, "Idempotency-Key: same-" + model + "\r\n");
        Answer first = connection.send(keyed).read();
        Answer second = connection.send(keyed).read();
        assertThat(first.status()).isEqualTo(202);
        assertThat(second.status()).isEqualTo(200);
        assertThat(second.header("location")).isEqualTo(first.header("location")).isNotNull();

        String quoted = request(WAITING, "Idempotency-Key: \"same-" + model + "\"\r\n");
        assertThat(connection.send(quoted).read().header("location"))
            .isEqualTo(first.header("location"));
        Answer other =
            connection
                .send(request("{\"text\":\"y\"}", "Idempotency-Key: same-" + model + "\r\n"))
                .read();
        assertThat(other.status()).isEqualTo(422);
        assertThat(other.problem()).isEqualTo("idempotency-key-reused");
      }
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "Idempotency-Key: \r\n",
          "Idempotency-Key: a b\r\n",
          "Idempotency-Key: a,b\r\n",
          "Idempotency-Key: a\r\nIdempotency-Key: a\r\n",
          "Idempotency-Key: "
              + "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
              + "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n"
        })
    void a_wrong_key_is_refused_by_name(String fields) {
      try (Raw connection = server.connect()) {
        Answer answer = connection.send(request(WAITING, fields)).read("POST", "/tasks");
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().path("parameter").asString()).isEqualTo("Idempotency-Key");
      }
    }

    /** All of them are judged by api, whose own tests know many more. */
    @ParameterizedTest(name = "{2}")
    @CsvSource(
        delimiter = '|',
        quoteCharacter = '`',
        value = {
          "`` | 400 | an empty body",
          "text | 400 | no JSON",
          "{\"text\":\"x\"}} | 400 | more than JSON",
          "[] | 400 | no object",
          "{} | 400 | no text",
          "{\"text\":7} | 400 | a text that is none",
          "{\"text\":\"x\",\"waitMs\":\"1\"} | 400 | a wait that is no number",
          "{\"text\":\"x\",\"waitMs\":60001} | 400 | a wait that is too long",
          "{\"text\":\"x\",\"x\":1} | 400 | an unknown member",
          "{\"text\":\"x\",\"text\":\"x\"} | 400 | a member twice",
          "[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]] | 400 | too deep"
        })
    void a_wrong_body_is_refused(String body, int status, String why) {
      try (Raw connection = server.connect()) {
        Answer answer = connection.send(request(body, "")).read("POST", "/tasks");
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.problem()).isEqualTo("bad-body");
        connection.get("/health/live");
        assertThat(connection.read("GET", "/health/live").status()).isEqualTo(200);
      }
    }

    @Test
    void a_body_above_64_KiB_is_refused_and_above_1_MiB_the_connection_closed() {
      try (Raw connection = server.connect()) {
        connection.sendWhileReading(
            request("x".repeat(Limits.TASK_BYTES + 1), "").getBytes(StandardCharsets.US_ASCII));
        Answer large = connection.read("POST", "/tasks");
        assertThat(large.status()).isEqualTo(413);
        assertThat(large.json().path("detail").asString()).contains("65536");
        connection.sendWhileReading(
            request("x".repeat(Limits.BODY_BYTES + 1), "").getBytes(StandardCharsets.US_ASCII));
        assertThat(connection.read("POST", "/tasks").status()).isEqualTo(413);
        assertThat(connection.isClosedByServer()).isTrue();
      }
    }

    @Test
    void a_body_of_another_type_is_refused() {
      assertThat(server.main().post("/tasks", "text/plain", bytes(WAITING)).status())
          .isEqualTo(415);
      assertThat(server.main().post("/tasks", null, bytes(WAITING)).problem())
          .isEqualTo("unsupported-media-type");
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "00000000-0000-0000-0000-000000000000", "...", "~"})
    void an_unknown_task_is_not_found(String id) {
      Answer answer = server.main().get("/tasks/" + id);
      assertThat(answer.status()).isEqualTo(404);
      assertThat(answer.json().path("detail").asString()).contains("no task " + id);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a/b", "%61", ".", "..", "a;b", "a%2Fb"})
    void what_no_id_can_be_is_another_path(String id) {
      try (Raw connection = server.connect()) {
        Answer answer = connection.get("/tasks/" + id).read("GET", "/tasks/" + id);
        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.json().path("detail").asString())
            .isEqualTo("there is nothing at /tasks/" + id);
      }
    }

    @Test
    void a_list_has_an_end_and_begins_with_the_task_accepted_last() {
      String first = post(server, "{\"text\":\"x\"}").header("location");
      String last = post(server, "{\"text\":\"x\"}").header("location");
      JsonNode tasks = server.main().get("/tasks?limit=2").json().path("tasks");
      assertThat(tasks).hasSize(2);
      assertThat("/tasks/" + tasks.get(0).path("id").asString()).isEqualTo(last);
      assertThat("/tasks/" + tasks.get(1).path("id").asString()).isEqualTo(first);
      assertThat(server.main().get("/tasks?limit=1").json().path("tasks")).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "limit=",
          "limit=0",
          "limit=-1",
          "limit=101",
          "limit=x",
          "limit=1&limit=1",
          "x=1"
        })
    void a_wrong_limit_is_refused(String query) {
      Answer answer = server.main().get("/tasks?" + query);
      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.problem()).isEqualTo("bad-parameter");
      assertThat(server.main().get("/tasks/x?" + query).status()).isEqualTo(400);
    }

    @Test
    void ended_tasks_are_kept_by_number_and_for_a_time() {
      try (Running server = model.start(upstream.url(), Map.of("TASK_RESULTS_KEPT", "1"))) {
        String first = post(server, "{\"text\":\"x\"}").header("location");
        awaitEnd(server, first);
        String second = post(server, "{\"text\":\"x\"}").header("location");
        awaitEnd(server, second);
        assertThat(server.main().get(first).status()).isEqualTo(404);
      }
      try (Running server = model.start(upstream.url(), Map.of("TASK_RESULT_TTL_MS", "1"))) {
        String brief = post(server, "{\"text\":\"x\"}").header("location");
        Await.until("it is forgotten", () -> server.main().get(brief).status() == 404);
      }
    }

    @Test
    void metrics_name_the_path_with_its_parameter_and_not_each_task() {
      server.main().get("/tasks/first");
      server.main().get("/tasks/second");
      String metrics = server.management().get("/metrics").text();
      assertThat(metrics).contains("route=\"/tasks/{id}\"").doesNotContain("/tasks/first");
    }

    private static Answer post(Running server, String body) {
      return server.main().post("/tasks", "application/json", bytes(body));
    }

    private static byte[] bytes(String text) {
      return text.getBytes(StandardCharsets.UTF_8);
    }

    /**
     * @param fields header fields, each with its end of line
     */
    private static String request(String body, String fields) {
      return "POST /tasks HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
          + fields
          + "Content-Length: "
          + body.length()
          + "\r\n\r\n"
          + body;
    }

    private static JsonNode awaitEnd(Running server, String location) {
      Await.until(
          "the end of " + location,
          () -> server.main().get(location).json().path("tookMs").isNumber());
      return server.main().get(location).json();
    }

    private static String metric(Running server, String name) {
      return server
          .management()
          .get("/metrics")
          .text()
          .lines()
          .filter(line -> line.startsWith(name + "{"))
          .map(line -> line.substring(line.lastIndexOf(' ') + 1))
          .findFirst()
          .orElseThrow(() -> new AssertionError("there is no metric " + name));
    }
  }
}
