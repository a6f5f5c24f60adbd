package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.api.Endpoint;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Paths and methods: an endpoint has one path, letter by letter, and one method, besides HEAD. */
@Rules
class RequestLinesTest {
  @Nested
  class Vertx extends RequestLines {
    Vertx() {
      super(Model.VERTX);
    }
  }

  @Nested
  class Nima extends RequestLines {
    Nima() {
      super(Model.NIMA);
    }
  }

  @Nested
  class Blocking extends RequestLines {
    Blocking() {
      super(Model.BLOCKING);
    }
  }

  abstract static class RequestLines extends ServerRules {
    RequestLines(Model model) {
      super(model);
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "/nothing",
          "/io/",
          "//io",
          "/%69o",
          "/IO",
          "/io;x=1",
          "/./io",
          "/io/../io",
          "/io/blocking/",
          "/health",
          "/health/",
          "/no%20such",
          "/no%00",
          "/%C3%A9"
        })
    void a_path_that_is_not_an_endpoint_letter_by_letter_is_not_found(String path) {
      try (Raw connection = server.connect()) {
        Answer answer = connection.get(path).read("GET", path);
        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.problem()).isEqualTo("not-found");
        assertThat(answer.json().path("detail").asString()).endsWith("there is nothing at " + path);
      }
    }

    @ParameterizedTest
    @EnumSource(Endpoint.class)
    void any_other_method_is_refused_with_those_that_are_allowed(Endpoint endpoint) {
      List<String> allowed = methodsOf(endpoint);
      Stream.of("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "TRACE", "FOO")
          .filter(method -> !allowed.contains(method))
          .forEach(
              method -> {
                Answer answer = ask(method, endpoint.path("x"));
                assertThat(answer.status()).as(method).isEqualTo(405);
                if (!method.equals("HEAD")) {
                  assertThat(answer.problem()).isEqualTo("method-not-allowed");
                }
                assertThat(answer.header("allow")).isEqualTo(String.join(", ", allowed));
              });
    }

    /** RFC 9110, 9.1: a method is told by its letters, capitals or not, and is named with them. */
    @ParameterizedTest
    @ValueSource(strings = {"get", "Get", "X-GET", "X-get", "~G~E~T", "post", "head", "options"})
    void a_method_in_other_letters_is_another_one_and_is_named_as_it_came(String method) {
      try (Raw connection = server.connect()) {
        Answer answer =
            connection.send(method + " /echo HTTP/1.1\r\nHost: x\r\n\r\n").read("GET", "/");
        assertThat(answer.status()).isEqualTo(405);
        assertThat(answer.json().path("detail").asString())
            .startsWith(method + " is not possible here");
      }
    }

    private static List<String> methodsOf(Endpoint endpoint) {
      return Arrays.stream(Endpoint.values())
          .filter(other -> other.path().equals(endpoint.path()))
          .flatMap(
              other ->
                  other.method().equals("GET")
                      ? Stream.of("GET", "HEAD", "OPTIONS")
                      : Stream.of(other.method(), "OPTIONS"))
          .distinct()
          .sorted()
          .toList();
    }

    private Answer ask(String method, String path) {
      try (Raw connection = server.connect()) {
        connection.send(method + " " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
        return method.equals("HEAD")
            ? connection.readUnlessClosed(true)
            : connection.read(method, path);
      }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "STREAM")
    void HEAD_is_answered_as_GET_without_the_body(Endpoint endpoint) {
      String path = endpoint.path("x");
      try (Raw connection = server.connect()) {
        Answer get = connection.get(path).read();
        Answer head = head(connection, path);
        assertThat(head.status()).isEqualTo(get.status());
        assertThat(head.headers().keySet()).isEqualTo(get.headers().keySet());
        assertThat(connection.get("/health/live").read().status()).isEqualTo(200);
      }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/nothing", "/io?x=1", "/openapi.yaml", "/docs/swagger-ui-bundle.js"})
    void the_length_in_an_answer_to_HEAD_is_that_of_GET(String target) {
      try (Raw connection = server.connect()) {
        String length = connection.get(target).read().header("content-length");
        assertThat(length).isNotNull();
        assertThat(head(connection, target).header("content-length")).isEqualTo(length);
      }
    }

    @Test
    void HEAD_of_a_stream_ends_with_the_head() {
      try (Raw connection = server.connect()) {
        Answer head = head(connection, "/stream?items=10&everyMs=60000");
        assertThat(head.status()).isEqualTo(200);
        assertThat(head.header("content-type")).isEqualTo("text/event-stream");
        assertThat(head.headers()).doesNotContainKey("content-length");
        assertThat(connection.get("/").read().status()).isEqualTo(200);
      }
    }

    private static Answer head(Raw connection, String target) {
      return connection
          .send("HEAD " + target + " HTTP/1.1\r\nHost: x\r\n\r\n")
          .readUnlessClosed(true);
    }

    @ParameterizedTest
    @EnumSource(Endpoint.class)
    void OPTIONS_of_a_path_tells_its_methods(Endpoint endpoint) {
      Answer answer = ask("OPTIONS", endpoint.path("x"));
      assertThat(answer.status()).isEqualTo(204);
      assertThat(answer.header("allow")).isEqualTo(String.join(", ", methodsOf(endpoint)));
      assertThat(answer.headers()).doesNotContainKeys("content-length", "content-type");
    }

    @Test
    void OPTIONS_of_the_server_tells_all_methods_and_of_nothing_is_not_found() {
      Answer answer = ask("OPTIONS", "*");
      assertThat(answer.status()).isEqualTo(204);
      assertThat(answer.header("allow")).isEqualTo("GET, HEAD, OPTIONS, POST");
      assertThat(ask("OPTIONS", "/nothing").status()).isEqualTo(404);
    }

    /** As HAProxy checks by default, and as nginx asks by default. */
    @Test
    void HTTP_1_0_is_served_without_chunks_and_its_connection_ends() {
      try (Raw connection = server.connect()) {
        assertThat(connection.send("OPTIONS / HTTP/1.0\r\n\r\n").read().status()).isEqualTo(204);
        assertThat(connection.isClosedByServer()).isTrue();
      }
      try (Raw connection = server.connect()) {
        Answer head =
            connection
                .send("GET /stream?items=1 HTTP/1.0\r\nExpect: 100-continue\r\n\r\n")
                .readUnlessClosed(false);
        assertThat(head.status()).isEqualTo(200);
        assertThat(head.headers()).doesNotContainKeys("transfer-encoding", "content-length");
        assertThat(connection.isCutByServer()).isTrue();
      }
    }

    @Test
    void metrics_name_HEAD_and_no_method_that_clients_make_up() {
      server.main().send("HEAD", "/file");
      ask("FOO", "/file");
      String metrics = server.management().get("/metrics").text();
      assertThat(metrics).contains("method=\"HEAD\",").doesNotContain("method=\"FOO\"");
    }

    @Test
    void two_requests_sent_at_once_are_answered_in_order() {
      try (Raw connection = server.connect()) {
        String host = " HTTP/1.1\r\nHost: x\r\n\r\n";
        connection.send("GET /io?waitMs=1" + host + "GET /nothing" + host);
        assertThat(connection.read("GET", "/io?waitMs=1").status()).isEqualTo(200);
        assertThat(connection.read("GET", "/nothing").status()).isEqualTo(404);
      }
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "Connection: close",
          "Connection: TE, close\r\nTE: trailers",
          "Connection: TE\r\nTE: trailers\r\nconnection: \tCLOSE",
          "Connection: keep-alive,,Close ,"
        })
    void a_connection_that_is_to_be_closed_is_closed(String fields) {
      for (String path : List.of("/", "/health/live", "/health/ready", "/nothing")) {
        try (Raw connection = server.connect()) {
          connection.send("GET " + path + " HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n\r\n");
          assertThat(connection.read().header("connection")).isEqualToIgnoringCase("close");
          assertThat(connection.isClosedByServer()).as(path).isTrue();
        }
      }
    }

    @Test
    void the_management_listener_keeps_the_same_rules() {
      Client management = server.management();
      assertThat(management.get("/threads/").status()).isEqualTo(404);
      assertThat(management.get("/threads/x").status()).isEqualTo(404);
      assertThat(management.get("/nothing").status()).isEqualTo(404);
      assertThat(management.get("/%74hreads").status()).isEqualTo(404);
      for (String path : new String[] {"/threads", "/metrics", "/health/live", "/health/ready"}) {
        assertThat(management.send("POST", path).status()).isEqualTo(405);
        Answer head = management.send("HEAD", path);
        assertThat(head.status()).isEqualTo(200);
        assertThat(head.headers().keySet()).isEqualTo(management.get(path).headers().keySet());
        Answer options = management.send("OPTIONS", path);
        assertThat(options.status()).isEqualTo(204);
        assertThat(options.header("allow")).isEqualTo("GET, HEAD, OPTIONS");
      }
    }
  }
}
