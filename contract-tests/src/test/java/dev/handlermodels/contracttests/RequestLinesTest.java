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

/** Paths and methods: an endpoint has one path, letter by letter, and one method. */
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
      Stream.of("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "FOO")
          .filter(method -> !allowed.contains(method))
          .forEach(
              method -> {
                Answer answer = ask(method, endpoint.path("x"));
                assertThat(answer.status()).as(method).isEqualTo(405);
                assertThat(answer.problem()).isEqualTo("method-not-allowed");
                assertThat(answer.header("allow")).isEqualTo(String.join(", ", allowed));
              });
    }

    private static List<String> methodsOf(Endpoint endpoint) {
      return Arrays.stream(Endpoint.values())
          .filter(other -> other.path().equals(endpoint.path()))
          .map(Endpoint::method)
          .sorted()
          .toList();
    }

    private Answer ask(String method, String path) {
      try (Raw connection = server.connect()) {
        return connection
            .send(method + " " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
            .read(method, path);
      }
    }

    @ParameterizedTest
    @EnumSource(Endpoint.class)
    void HEAD_is_refused_without_a_body_that_would_be_taken_for_the_next_answer(Endpoint endpoint) {
      Answer answer = server.main().send("HEAD", endpoint.path("x"));
      assertThat(answer.status()).isEqualTo(405);
      assertThat(answer.header("allow")).isEqualTo(String.join(", ", methodsOf(endpoint)));
      assertThat(answer.body()).isEmpty();
      assertThat(server.main().get("/health/live").status()).isEqualTo(200);
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
        assertThat(head.status()).isEqualTo(405);
        assertThat(head.header("allow")).isEqualTo("GET");
      }
    }
  }
}
