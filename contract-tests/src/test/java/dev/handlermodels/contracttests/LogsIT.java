package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.api.Json;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** What whole processes write to standard output. */
@Rules
class LogsIT {
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String TRACEPARENT = "00-" + TRACE + "-00f067aa0ba902b7-01";

  /** Escape sequence, carriage return, C1 line break; percent-encoded line break. */
  private static final List<String> FORGERIES =
      List.of("/x\u001b[31mred", "/x\rINFO\tforged", "/x\u0085forged", "/x%0d%0aINFO%20forged");

  @ParameterizedTest
  @EnumSource(Model.class)
  void an_event_is_a_line_of_JSON_and_a_request_a_line_that_nobody_can_forge(Model model) {
    try (ServerProcess process =
            ServerProcess.start(
                model,
                Map.of(
                    "LOG_FORMAT", "json",
                    "ACCESS_LOG", "true",
                    "OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1",
                    "OTEL_EXPORTER_OTLP_HEADERS", "authorization=sesame",
                    "OTEL_BSP_SCHEDULE_DELAY", "3600000",
                    "DRAIN_MS", "100"));
        Client main = process.main()) {
      main.get("/io?waitMs=1", Map.of("traceparent", TRACEPARENT));
      for (String forgery : FORGERIES) {
        try (Raw connection = new Raw(process.port())) {
          connection.send("GET " + forgery + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
          assertThat(connection.read().status()).isIn(400, 404);
        }
      }
      process.signal("TERM");
      assertThat(process.exitCode()).isZero();
      assertLines(process.out().lines().toList());
    }
  }

  private static void assertLines(List<String> lines) {
    assertThat(lines)
        .allSatisfy(
            line -> {
              assertThat(line).doesNotContain("sesame");
              assertThat(line.chars()).noneMatch(Character::isISOControl);
              JsonNode json = Json.tree(line.getBytes(StandardCharsets.UTF_8));
              for (String name : List.of("timestamp", "level", "logger", "thread", "message")) {
                assertThat(json.path(name).asString()).as(name).isNotEmpty();
              }
            });
    List<JsonNode> requests =
        lines.stream()
            .map(line -> Json.tree(line.getBytes(StandardCharsets.UTF_8)))
            .filter(json -> json.path("logger").asString().equals("access"))
            .toList();
    assertThat(requests).anySatisfy(LogsIT::assertTracedRequest);
    assertThat(requests)
        .extracting(json -> json.path("path").asString())
        .contains("/x%0d%0aINFO%20forged");
  }

  private static void assertTracedRequest(JsonNode json) {
    assertThat(json.path("method").asString()).isEqualTo("GET");
    assertThat(json.path("route").asString()).isEqualTo("/io");
    assertThat(json.path("path").asString()).isEqualTo("/io"); // a query may hold secrets
    assertThat(json.path("status").intValue()).isEqualTo(200);
    assertThat(json.path("duration_ms").doubleValue()).isPositive();
    assertThat(json.path("trace_id").asString()).isEqualTo(TRACE);
    assertThat(json.path("span_id").asString()).matches("[0-9a-f]{16}");
  }

  @ParameterizedTest
  @EnumSource(Model.class)
  void text_is_the_default_without_a_line_for_each_request_and_without_secrets(Model model) {
    try (ServerProcess process =
            ServerProcess.start(
                model, Map.of("UPSTREAM_URL", "http://user:sesame@127.0.0.1:1", "POOL_SIZE", "7"));
        Client main = process.main()) {
      main.get("/");
      process.signal("TERM");
      assertThat(process.exitCode()).isZero();
      assertThat(process.out())
          .contains("poolSize=7", "http://***@127.0.0.1:1", "ready " + model)
          .doesNotContain("sesame", " access - ");
    }
  }

  /**
   * Only server-vertx has a loop that can be blocked; the others hold nobody up, and say nothing.
   */
  @ParameterizedTest
  @EnumSource(Model.class)
  void a_blocked_loop_is_one_stack_and_then_a_line_a_second(Model model) {
    try (Gate gate = Gate.shut();
        ServerProcess process =
            ServerProcess.start(
                model, Map.of("UPSTREAM_URL", gate.url().toString(), "EVENT_LOOPS", "1"));
        Client main = process.main();
        Client management = process.management()) {
      var blocking = main.start("/io/blocking");
      gate.awaitWaiting(1);
      if (model == Model.VERTX) {
        Await.until(
            "the loop is blocked for some seconds",
            () -> management.get("/threads").json().at("/loopLagMs/now").doubleValue() > 3_500);
      }
      gate.open();
      assertThat(Await.result(blocking).status()).isEqualTo(200);
      process.signal("TERM");
      assertThat(process.exitCode()).isZero();
      List<String> blocked =
          process.out().lines().filter(line -> line.contains("has been blocked for")).toList();
      long stacks = process.out().lines().filter(line -> line.contains("VertxException")).count();
      if (model == Model.VERTX) {
        long blockedMs =
            Long.parseLong(blocked.getLast().replaceAll(".*blocked for (\\d+) ms.*", "$1"));
        assertThat(blocked.size()).isBetween(2, (int) (blockedMs / 750 + 1));
        assertThat(stacks).isEqualTo(1);
        assertThat(process.out()).contains("BlockingClient");
      } else {
        assertThat(blocked).isEmpty();
        assertThat(stacks).isZero();
      }
    }
  }
}
