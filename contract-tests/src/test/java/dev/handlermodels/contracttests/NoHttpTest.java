package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What is no HTTP/1.1: 400, and the connection closed, for nothing on it can be trusted any more.
 * Vert.x and Helidon let us write the document; Undertow answers before any handler, without one.
 */
@Rules
class NoHttpTest {
  @Nested
  class Vertx extends NoHttp {
    Vertx() {
      super(Model.VERTX);
    }
  }

  @Nested
  class Nima extends NoHttp {
    Nima() {
      super(Model.NIMA);
    }
  }

  @Nested
  class Blocking extends NoHttp {
    Blocking() {
      super(Model.BLOCKING);
    }
  }

  abstract static class NoHttp extends ServerRules {
    NoHttp(Model model) {
      super(model);
    }

    static Stream<Arguments> requests() {
      return Stream.of(
          Arguments.of("no request line", "garbage\r\n\r\n"),
          Arguments.of("control characters", "\1\2\3\r\n\r\n"),
          Arguments.of("a space in the method", "GE T / HTTP/1.1\r\nHost: x\r\n\r\n"),
          Arguments.of("a space in the path", "GET / x HTTP/1.1\r\nHost: x\r\n\r\n"),
          Arguments.of("no Host", "GET / HTTP/1.1\r\n\r\n"),
          Arguments.of("two Hosts", get("Host: y")),
          Arguments.of("a field without a colon", get("no colon")),
          Arguments.of("a space in a field's name", get("A b: c")),
          Arguments.of("a space before the colon", get("A : c")),
          Arguments.of("a null character in a field", get("A: b\0c")),
          Arguments.of("a length that is no number", post("Content-Length: abc")),
          Arguments.of("a negative length", post("Content-Length: -1")),
          Arguments.of("a length with a plus sign", post("Content-Length: +3")),
          Arguments.of("two lengths", post("Content-Length: 3\r\nContent-Length: 4")),
          Arguments.of(
              "a length beside chunks", post("Content-Length: 3\r\nTransfer-Encoding: chunked")));
    }

    private static String get(String field) {
      return "GET / HTTP/1.1\r\nHost: x\r\n" + field + "\r\n\r\n";
    }

    private static String post(String field) {
      return "POST /echo HTTP/1.1\r\nHost: x\r\n" + field + "\r\n\r\n";
    }

    @ParameterizedTest(name = "{0} is refused")
    @MethodSource("requests")
    void what_is_no_HTTP_is_a_400_and_ends_the_connection(String what, String request) {
      try (Raw connection = server.connect()) {
        Answer answer = connection.send(request).read();
        assertThat(answer.status()).isEqualTo(400);
        assertThat(connection.isClosedByServer()).isTrue();
        if (model == Model.BLOCKING) {
          assertThat(answer.body()).isEmpty();
        } else {
          assertThat(answer.text())
              .isEqualTo(
                  "{\"type\":\"urn:handler-models:problem:bad-request\",\"title\":\"Bad request\","
                      + "\"status\":400,\"detail\":\"the request is not valid HTTP/1.1\"}");
          assertThat(answer.headers())
              .containsEntry("content-type", List.of("application/problem+json"))
              .containsEntry("x-content-type-options", List.of("nosniff"));
        }
      }
      assertThat(server.main().get("/health/live").status()).isEqualTo(200);
    }

    /** Undertow takes such a size for 0, and so the body for empty. */
    @Test
    void a_chunk_whose_size_is_no_number_is_no_500() {
      try (Raw connection = server.connect()) {
        Answer answer = connection.send(post("Transfer-Encoding: chunked") + "zz\r\n\r\n").read();
        assertThat(answer.status()).isEqualTo(model == Model.BLOCKING ? 200 : 400);
        if (model != Model.BLOCKING) {
          assertThat(answer.problem()).isEqualTo("bad-request");
          assertThat(connection.isClosedByServer()).isTrue();
        }
      }
    }

    /** CVE-2026-102479: a length in one party's eyes only hides the next request from the other. */
    @ParameterizedTest
    @ValueSource(strings = {"Content-Xength", "Content-Lengtx", "Xontent-Length", "Content_Length"})
    void a_field_that_merely_resembles_Content_Length_hides_no_request(String name) {
      try (Raw connection = server.connect()) {
        connection.send(post(name + ": 5")).get("/health/live");
        assertThat(connection.read().body()).isEmpty();
        assertThat(connection.read("GET", "/health/live").status()).isEqualTo(200);
      }
    }

    @Test
    void a_client_that_hangs_up_halfway_harms_nobody() {
      for (String half : List.of("", "GET", "GET / HTTP/1.1\r\nHos", post("Content-Length: 9"))) {
        try (Raw connection = server.connect()) {
          connection.send(half);
        }
      }
      assertThat(server.main().get("/").status()).isEqualTo(200);
      server.awaitInFlight(0);
    }
  }
}
