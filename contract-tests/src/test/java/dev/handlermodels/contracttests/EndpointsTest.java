package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.api.Endpoint;
import dev.handlermodels.api.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What every endpoint answers when all is well, and who answers it. */
@Rules
class EndpointsTest {
  @Nested
  class Vertx extends Endpoints {
    Vertx() {
      super(Model.VERTX);
    }
  }

  @Nested
  class Nima extends Endpoints {
    Nima() {
      super(Model.NIMA);
    }
  }

  @Nested
  class Blocking extends Endpoints {
    Blocking() {
      super(Model.BLOCKING);
    }
  }

  abstract static class Endpoints extends ServerRules {
    Endpoints(Model model) {
      super(model);
    }

    @Test
    void root_lists_every_endpoint_of_the_main_listener() {
      JsonNode root = server.main().get("/").json();

      assertThat(root.path("server").asString()).isEqualTo(model.toString());
      assertThat(root.path("threadKind").asString()).isEqualTo(model.handlerThreadKind());
      assertThat(StreamSupport.stream(root.path("endpoints").spliterator(), false))
          .extracting(e -> e.path("method").asString() + " " + e.path("path").asString())
          .containsExactlyElementsOf(
              Arrays.stream(Endpoint.values()).map(e -> e.method() + " " + e.path()).toList());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/io", "/io/blocking", "/io/pinned", "/io/offloaded"})
    void an_upstream_call_names_its_server_its_endpoint_and_its_wait(String path) {
      Answer answer = server.main().get(path + "?waitMs=7");

      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.json().path("server").asString()).isEqualTo(model.toString());
      assertThat(answer.json().path("endpoint").asString()).isEqualTo(path);
      assertThat(answer.json().path("waitMs").intValue()).isEqualTo(7);
      assertThat(upstream.seen().getLast()).startsWith("GET /wait?waitMs=7 HTTP/1.1");
    }

    @ParameterizedTest
    @CsvSource({
      "/io, event-loop, NONE, virtual, virtual, platform, platform",
      "/io/blocking, event-loop, event-loop, virtual, virtual, platform, platform",
      "/io/pinned, event-loop, event-loop, virtual, virtual, platform, platform",
      "/io/offloaded, event-loop, platform, virtual, platform, platform, platform"
    })
    void a_result_names_the_kind_of_the_thread_that_ran_it_and_of_the_one_that_waited(
        String path, String v, String vWaited, String n, String nWaited, String b, String bWaited) {
      String runs = pick(v, n, b);
      String waits = pick(vWaited, nWaited, bWaited);

      JsonNode result = server.main().get(path + "?waitMs=0").json();

      assertThat(result.path("threadKind").asString()).isEqualTo(runs);
      if (waits.equals("NONE")) {
        assertThat(result.path("waitedIn").isNull()).isTrue();
      } else {
        assertThat(result.at("/waitedIn/kind").asString()).isEqualTo(waits);
        boolean sameThread =
            result.at("/waitedIn/name").asString().equals(result.path("thread").asString());
        assertThat(sameThread).isEqualTo(!path.equals("/io/offloaded"));
      }
    }

    private String pick(String vertx, String nima, String blocking) {
      return switch (model) {
        case VERTX -> vertx;
        case NIMA -> nima;
        case BLOCKING -> blocking;
      };
    }

    @ParameterizedTest
    @ValueSource(strings = {"/file", "/file/blocking"})
    void a_file_comes_back_as_its_JSON(String path) throws Exception {
      Answer answer = server.main().get(path);

      byte[] file = Files.readAllBytes(server.instance().service().dataFile());
      assertThat(answer.json().path("content")).isEqualTo(Json.tree(file));
      assertThat(answer.json().path("endpoint").asString()).isEqualTo(path);
      assertThat(answer.json().path("threadKind").asString()).isEqualTo(model.handlerThreadKind());
    }

    /** Neither silence nor half an answer, whatever has become of the file. */
    @ParameterizedTest
    @ValueSource(strings = {"{", "\"\\uD83D\""})
    void a_file_that_is_not_as_it_should_be_is_no_reason_to_leave_a_client_waiting(String content)
        throws Exception {
      Path file = Files.createTempFile("data", ".json");
      Files.writeString(file, "{}"); // it is as it should be at the start
      try (Running server = model.start(upstream.url(), Map.of("DATA_FILE", file.toString()))) {
        Files.writeString(file, content);
        for (String path : List.of("/file", "/file/blocking")) {
          try (Raw connection = server.connect()) {
            Answer answer = connection.get(path).read();
            if (content.length() > 1) {
              assertThat(answer.text()).contains(content);
            } else {
              assertThat(answer.status()).isEqualTo(500);
              assertThat(answer.problem()).isEqualTo("internal");
            }
          }
        }
      } finally {
        Files.delete(file);
      }
    }

    @Test
    void a_file_that_is_gone_is_an_error_of_ours_and_leaves_nobody_waiting() throws Exception {
      Path file = Files.createTempFile("data", ".json");
      Files.writeString(file, "{}");
      try (Running server = model.start(upstream.url(), Map.of("DATA_FILE", file.toString()))) {
        Files.delete(file);
        for (String path : List.of("/file", "/file/blocking")) {
          try (Raw connection = server.connect()) {
            Answer answer = connection.get(path).read();
            assertThat(answer.status()).as(path).isEqualTo(500);
            assertThat(answer.problem()).isEqualTo("internal");
          }
        }
        server.awaitInFlight(0);
      }
    }

    /** Each would end the process or hold it up for ever, if it were read like a file. */
    @ParameterizedTest
    @ValueSource(strings = {"truncate -s 300M", "ln -s /dev/zero", "mkfifo"})
    void what_has_taken_the_place_of_a_file_is_not_read(String makes) throws Exception {
      Path file = Files.createTempFile("data", ".json");
      Files.writeString(file, "{}");
      try (Running server = model.start(upstream.url(), Map.of("DATA_FILE", file.toString()))) {
        Files.delete(file);
        List<String> command = new ArrayList<>(List.of(makes.split(" ")));
        command.add(file.toString());
        assertThat(new ProcessBuilder(command).start().waitFor()).isZero();
        for (String path : List.of("/file", "/file/blocking", "/file", "/file/blocking")) {
          try (Raw connection = server.connect()) {
            Answer answer = connection.get(path).read();
            assertThat(answer.status()).as(path).isEqualTo(500);
            assertThat(answer.problem()).isEqualTo("internal");
          }
        }
        Files.delete(file);
        Files.writeString(file, "{}");
        assertThat(server.main().get("/file").status()).isEqualTo(200);
        server.awaitInFlight(0);
      } finally {
        Files.delete(file);
      }
    }

    @Test
    void the_contract_is_served_byte_for_byte() {
      Answer answer = server.main().get("/openapi.yaml");

      assertThat(answer.text()).isEqualTo(Contract.YAML);
      assertThat(answer.header("content-type")).isEqualTo("application/yaml");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/health/live", "/health/ready"})
    void both_listeners_answer_health(String path) {
      for (Client listener : new Client[] {server.main(), server.management()}) {
        JsonNode health = listener.get(path).json();
        assertThat(health.path("status").asString()).isEqualTo("UP");
        assertThat(health.path("server").asString()).isEqualTo(model.toString());
      }
    }

    @Test
    void metrics_count_requests_by_route_and_status() {
      server.main().get("/file");

      String metrics = server.management().get("/metrics").text();
      assertThat(metrics)
          .contains("http_server_requests_seconds_count{")
          .contains("route=\"/file\"")
          .contains("server=\"" + model + "\"");
    }

    @Test
    void the_management_listener_has_nothing_of_the_main_one_and_the_main_one_nothing_of_it() {
      assertThat(server.management().get("/io?waitMs=0").status()).isEqualTo(404);
      assertThat(server.main().get("/threads").status()).isEqualTo(404);
      assertThat(server.main().get("/metrics").status()).isEqualTo(404);
    }

    @Test
    void every_answer_forbids_to_guess_its_type() {
      for (String path :
          new String[] {
            "/", "/io?waitMs=0", "/file", "/openapi.yaml", "/health/live", "/no", "/?x=1"
          }) {
        assertThat(server.main().get(path).header("x-content-type-options")).isEqualTo("nosniff");
      }
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
          "HEAD /nothing HTTP/1.1\r\nHost: x\r\n\r\n",
          "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
          "GET /stream?items=1 HTTP/1.1\r\nHost: x\r\n\r\n",
          "GET /docs HTTP/1.1\r\nHost: x\r\nIf-None-Match: *\r\n\r\n",
          "GET / HTTP/1.1\r\n\r\n",
          "garbage\r\n\r\n"
        })
    void every_answer_says_when_it_was_made(String request) {
      try (Raw connection = server.connect()) {
        String date =
            connection.send(request).readUnlessClosed(request.startsWith("HEAD")).header("date");
        assertThat(date).matches("[A-Z][a-z]{2}, \\d\\d [A-Z][a-z]{2} \\d{4} [0-9:]{8} GMT");
        assertThat(DateTimeFormatter.RFC_1123_DATE_TIME.parse(date, Instant::from))
            .isBetween(Instant.now().minusSeconds(5), Instant.now().plusSeconds(1));
      }
    }

    @Test
    void no_cache_keeps_a_result_or_a_problem() {
      for (String path : new String[] {"/", "/io?waitMs=0", "/tasks", "/health/live", "/no"}) {
        assertThat(server.main().get(path).header("cache-control")).isEqualTo("no-store");
      }
      assertThat(server.main().send("PUT", "/io").header("cache-control")).isEqualTo("no-store");
    }

    @Test
    void no_answer_names_the_framework_or_its_version() {
      for (String path : new String[] {"/no", "/io?x=1", "/docs", "/health/live"}) {
        Answer answer = server.main().get(path);
        assertThat(answer.headers()).doesNotContainKeys("server", "x-powered-by", "via");
        assertThat(answer.text())
            .doesNotContainPattern("(?i)helidon|undertow|netty|xnio|java\\.lang");
      }
    }
  }
}
