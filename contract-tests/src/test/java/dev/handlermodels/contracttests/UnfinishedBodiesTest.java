package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.api.Limits;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A head that says enough for an answer gets it at once, and not when its body has come: the body
 * may never come (RFC 9112, 3.2).
 */
@Rules
class UnfinishedBodiesTest {
  @Nested
  class Vertx extends UnfinishedBodies {
    Vertx() {
      super(Model.VERTX);
    }
  }

  @Nested
  class Nima extends UnfinishedBodies {
    Nima() {
      super(Model.NIMA);
    }
  }

  @Nested
  class Blocking extends UnfinishedBodies {
    Blocking() {
      super(Model.BLOCKING);
    }
  }

  @Rules
  abstract static class UnfinishedBodies {
    private static final String[] BODIES = {
      "Content-Length: 5\r\n\r\n",
      "Content-Length: 5\r\n\r\nhell",
      "Content-Length: 1000000\r\n\r\n",
      "Transfer-Encoding: chunked\r\n\r\n",
      "Transfer-Encoding: chunked\r\n\r\n5\r\nhello"
    };

    final Model model;
    private final Gate upstream = Gate.opened();
    private Running server;

    UnfinishedBodies(Model model) {
      this.model = model;
    }

    /** Nothing but an answer ends a request here, for much longer than the test lasts. */
    @BeforeAll
    void start() {
      Map<String, String> patient = new HashMap<>();
      for (String time : new String[] {"REQUEST", "ANSWER", "HEADER", "IDLE"}) {
        patient.put(time + "_TIMEOUT_MS", "3600000");
      }
      server = model.start(upstream.url(), patient);
    }

    @AfterAll
    void stop() {
      server.close();
      upstream.close();
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "",
          "Host:\r\nHost: x\r\n",
          "Host: x\r\nHost: y\r\n",
          "Host: x:y\r\n",
          "Host: x:0\r\n",
          "Host: x:65536\r\n",
          "Host: x y\r\n",
          "Host: a@b\r\n",
          "Host: [::1\r\n",
          "Host: %zz\r\n"
        })
    void a_bad_Host_is_refused_and_the_connection_closed(String hosts) {
      for (String method : new String[] {"GET / ", "POST /echo ", "OPTIONS / "}) {
        for (String body : BODIES) {
          try (Raw connection = server.connect()) {
            Answer answer = connection.send(method + "HTTP/1.1\r\n" + hosts + body).read();
            assertThat(answer.status()).as(method + hosts + body).isEqualTo(400);
            assertThat(answer.problem()).isEqualTo("bad-request");
            assertThat(answer.header("connection")).isEqualToIgnoringCase("close");
            assertThat(connection.isClosedByServer()).isTrue();
          }
        }
      }
      server.awaitInFlight(0);
    }

    @Test
    void the_answer_to_HEAD_with_a_bad_Host_has_no_body() {
      try (Raw connection = server.connect()) {
        connection.send("HEAD / HTTP/1.1\r\nContent-Length: 5\r\n\r\n");
        assertThat(connection.readUnlessClosed(true).status()).isEqualTo(400);
        assertThat(connection.isClosedByServer()).isTrue();
      }
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(
        strings = {
          "400 GET /?x=1 HTTP/1.1",
          "404 GET /none HTTP/1.1",
          "404 POST /none HTTP/1.1",
          "405 PUT /echo HTTP/1.1",
          "405 POST / HTTP/1.1",
          "400 GET x HTTP/1.1",
          "505 GET / HTTP/2.0"
        })
    void what_is_wrong_with_the_first_line_is_said(String row) {
      assertAnswered(Integer.parseInt(row.substring(0, 3)), row.substring(4), "");
    }

    @Test
    void so_is_what_is_wrong_with_the_fields() {
      assertAnswered(417, "POST /echo HTTP/1.1", "Expect: x\r\n");
      assertAnswered(415, "POST /echo HTTP/1.1", "Content-Encoding: gzip\r\n");
      assertAnswered(431, "POST /echo HTTP/1.1", "X: " + "x".repeat(Limits.HEADER_BYTES) + "\r\n");
      assertAnswered(431, "POST /echo HTTP/1.1", "X: x\r\n".repeat(Limits.HEADER_FIELDS));
      assertAnswered(414, "GET /" + "x".repeat(Limits.REQUEST_LINE_BYTES) + " HTTP/1.1", "");
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "GET / HTTP/1.1",
          "GET /health/live HTTP/1.1",
          "GET /io?waitMs=0 HTTP/1.1",
          "GET /docs HTTP/1.1",
          "GET /tasks HTTP/1.1"
        })
    void an_answer_that_needs_no_body_does_not_wait_for_it(String line) {
      assertAnswered(200, line, "");
    }

    @ParameterizedTest
    @ValueSource(strings = {"OPTIONS / HTTP/1.1", "OPTIONS * HTTP/1.1", "OPTIONS /echo HTTP/1.1"})
    void nor_does_the_answer_to_OPTIONS(String line) {
      assertAnswered(204, line, "");
    }

    private void assertAnswered(int status, String line, String fields) {
      for (String body : BODIES) {
        try (Raw connection = server.connect()) {
          Answer answer = connection.send(line + "\r\nHost: x\r\n" + fields + body).read();
          assertThat(answer.status()).as(line + " " + body).isEqualTo(status);
        }
      }
      server.awaitInFlight(0);
    }
  }
}
