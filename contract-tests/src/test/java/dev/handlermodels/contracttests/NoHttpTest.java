package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What is no HTTP/1.1: 400, and the connection closed, for nothing on it can be trusted any more.
 * {@link RawRequestsTest} says what that is; here is what it is told.
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
          Arguments.of("a Host that is none", "GET / HTTP/1.1\r\nHost: x y\r\n\r\n"),
          Arguments.of("a body without end", post("Transfer-Encoding: chunked") + "zz\r\n\r\n"));
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
        assertThat(answer.text())
            .isEqualTo(
                "{\"type\":\"urn:handler-models:problem:bad-request\",\"title\":\"Bad request\","
                    + "\"status\":400,\"detail\":\"the request is not valid HTTP/1.1\"}");
        assertThat(answer.headers())
            .containsEntry("content-type", List.of("application/problem+json"))
            .containsEntry("cache-control", List.of("no-store"))
            .containsEntry("x-content-type-options", List.of("nosniff"));
      }
      assertThat(server.main().get("/health/live").status()).isEqualTo(200);
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
