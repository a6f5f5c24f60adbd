package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.api.Limits;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Bodies: POST /echo gives back what it got, up to its limit, and as nothing that a browser would
 * run.
 */
@Rules
class BodiesTest {
  @Nested
  class Vertx extends Bodies {
    Vertx() {
      super(Model.VERTX);
    }
  }

  @Nested
  class Nima extends Bodies {
    Nima() {
      super(Model.NIMA);
    }
  }

  @Nested
  class Blocking extends Bodies {
    Blocking() {
      super(Model.BLOCKING);
    }
  }

  abstract static class Bodies extends ServerRules {
    Bodies(Model model) {
      super(model);
    }

    private static final String HEAD = "POST /echo HTTP/1.1\r\nHost: x\r\n";
    private static final String EXPECT = "Expect: 100-continue\r\n";
    private static final String THREE_MORE = "GET / HTTP/1.1\r\nHost: x\r\n\r\n".repeat(3);

    @Test
    void a_body_comes_back_byte_for_byte_with_the_thread_that_did_it() {
      byte[] body = "{\"word\": \"naïve — 東京 🚀\"}".getBytes(StandardCharsets.UTF_8);

      Answer answer = server.main().post("/echo", "application/json", body);

      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.body()).isEqualTo(body);
      assertThat(answer.header("handler-server")).isEqualTo(model.toString());
      assertThat(answer.header("handler-thread-kind")).isEqualTo(model.handlerThreadKind());
      assertThat(answer.header("handler-thread")).isNotEmpty();
    }

    @Test
    void bytes_that_are_no_text_come_back_too() {
      byte[] body = new byte[100_000];
      new Random(7).nextBytes(body);
      Answer answer = server.main().post("/echo", "application/octet-stream", body);
      assertThat(answer.body()).isEqualTo(body);
    }

    /** As curl sends whatever it is given, and as a browser does. */
    @ParameterizedTest
    @ValueSource(
        strings = {
          "application/x-www-form-urlencoded",
          "multipart/form-data; boundary=b",
          "multipart/form-data"
        })
    void a_form_is_bytes_like_any_other_body(String type) {
      String field = "a=1&b=" + "%zz".repeat(20_000);
      String form =
          "--b\r\nContent-Disposition: form-data; name=x\r\n\r\n" + field + "\r\n--b--\r\n";
      for (String body : List.of(field, form)) {
        String head = HEAD + "Content-Type: " + type + "\r\nContent-Length: " + body.length();
        try (Raw connection = server.connect()) {
          Answer answer = connection.send(head + "\r\n\r\n" + body).read();
          assertThat(answer.status()).as("%s", answer.headers()).isEqualTo(200);
          assertThat(answer.text()).isEqualTo(body);
          assertThat(answer.header("content-type")).isEqualTo("application/octet-stream");
        }
      }
    }

    @Test
    void an_empty_body_comes_back_empty() {
      // Not checked against openapi.yaml: the validator takes an empty body for a missing one.
      try (Raw connection = server.connect()) {
        Answer answer = connection.send(HEAD + "Content-Length: 0\r\n\r\n").read();
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).isEmpty();
        connection.get("/health/live");
        assertThat(connection.read("GET", "/health/live").status()).isEqualTo(200);
      }
    }

    @Test
    void a_body_of_exactly_1_MiB_is_taken_with_or_without_its_length() {
      byte[] body = "x".repeat(Limits.BODY_BYTES).getBytes(StandardCharsets.US_ASCII);
      assertThat(server.main().post("/echo", "text/plain", body).body()).isEqualTo(body);
      try (Raw connection = server.connect()) {
        connection.sendWhileReading(chunked(Limits.BODY_BYTES));
        assertThat(connection.read().body()).isEqualTo(body);
      }
    }

    @Test
    void one_byte_more_announced_is_refused_before_it_is_sent_and_the_connection_closed() {
      try (Raw connection = server.connect()) {
        connection.send(HEAD + "Content-Length: " + (Limits.BODY_BYTES + 1) + "\r\n\r\n");
        assertTooLarge(connection);
      }
    }

    @Test
    void one_byte_more_without_a_length_is_refused_and_the_connection_closed() {
      try (Raw connection = server.connect()) {
        connection.sendWhileReading(chunked(Limits.BODY_BYTES + 1));
        assertTooLarge(connection);
      }
    }

    @Test
    void it_is_refused_likewise_where_it_becomes_too_long_only_later() {
      try (Raw connection = server.connect()) {
        connection.send(HEAD + "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n");
        server.awaitInFlight(1);
        connection.sendWhileReading(chunks(Limits.BODY_BYTES).getBytes(StandardCharsets.US_ASCII));
        assertTooLarge(connection);
      }
    }

    @Test
    void a_body_is_asked_for_once_where_its_client_expects_that() {
      try (Raw connection = server.connect()) {
        connection.send(HEAD + EXPECT + "Content-Length: 2\r\n\r\n");
        assertThat(connection.read().status()).isEqualTo(100);
        assertThat(connection.send("42").read().body()).asString().isEqualTo("42");
        assertThat(connection.get("/").read().status()).isEqualTo(200);
      }
      try (Raw connection = server.connect()) {
        connection.send(HEAD + EXPECT + "Content-Length: " + (Limits.BODY_BYTES + 1) + "\r\n\r\n");
        assertTooLarge(connection);
      }
    }

    @Test
    void an_expectation_without_a_body_changes_nothing() {
      try (Raw connection = server.connect()) {
        for (String head : List.of("GET / HTTP/1.1\r\n", "HEAD / HTTP/1.1\r\n")) {
          connection.send(head + "Host: x\r\n" + EXPECT + "\r\n");
          assertThat(connection.readUnlessClosed(head.startsWith("HEAD")).status()).isIn(200, 405);
        }
        assertThat(connection.get("/").read().status()).isEqualTo(200);
      }
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST /none", "POST /", "GET /", "GET /io?waitMs=0", "POST /echo?x"})
    void a_body_that_nobody_reads_is_no_request(String target) {
      String body = "GET /tasks HTTP/1.1\r\nHost: x\r\n\r\n";
      String head = target + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + body.length() + "\r\n";
      for (String expect : List.of("", EXPECT)) {
        try (Raw connection = server.connect()) {
          connection.send(head + expect + "\r\n" + body).get("/health/live");
          Answer answer = connection.readUnlessClosed(false);
          assertThat(answer.status()).isIn(200, 400, 404, 405);
          Answer next = connection.readUnlessClosed(false);
          assertThat(next == null || next.text().contains("UP")).as("%s", next).isTrue();
        }
      }
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "Expect: x\r\nContent-Length: 2\r\n\r\n42",
          "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n42",
          "Transfer-Encoding: chunked\r\n\r\n2\r\n42x"
        })
    void nothing_is_answered_behind_an_answer_that_says_close(String refused) {
      try (Raw connection = server.connect()) {
        connection.send(HEAD + refused + "\r\n" + THREE_MORE);
        Answer answer = connection.readUnlessClosed(false);
        assertThat(answer.header("connection")).isEqualToIgnoringCase("close");
        assertThat(connection.isClosedByServer()).isTrue();
      }
    }

    @Test
    void nothing_is_answered_behind_a_body_that_is_too_long() {
      ByteArrayOutputStream sent = new ByteArrayOutputStream();
      sent.writeBytes(chunked(Limits.BODY_BYTES + 1));
      sent.writeBytes(THREE_MORE.getBytes(StandardCharsets.US_ASCII));
      try (Raw connection = server.connect()) {
        connection.sendWhileReading(sent.toByteArray());
        assertTooLarge(connection);
      }
    }

    @Test
    void the_answer_to_HEAD_has_no_body() {
      try (Raw connection = server.connect()) {
        connection.send("HEAD /none HTTP/1.1\r\nHost: x\r\n\r\n").get("/");
        assertThat(connection.readUnlessClosed(true).status()).isEqualTo(404);
        assertThat(connection.read("GET", "/").status()).isEqualTo(200);
      }
    }

    private static void assertTooLarge(Raw connection) {
      Answer answer = connection.read("POST", "/echo");
      assertThat(answer.status()).isEqualTo(413);
      assertThat(answer.problem()).isEqualTo("body-too-large");
      assertThat(answer.header("connection")).isEqualToIgnoringCase("close");
      assertThat(connection.isClosedByServer()).isTrue();
    }

    private static byte[] chunked(int length) {
      String head = HEAD + "Content-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n";
      return (head + chunks(length)).getBytes(StandardCharsets.US_ASCII);
    }

    private static String chunks(int length) {
      return Integer.toHexString(length) + "\r\n" + "x".repeat(length) + "\r\n0\r\n\r\n";
    }

    @ParameterizedTest(name = "{0} comes back as {1}")
    @CsvSource({
      "application/json, application/json",
      "text/plain; charset=utf-8, text/plain; charset=utf-8",
      "TEXT/PLAIN, TEXT/PLAIN",
      "text/html, application/octet-stream",
      "text/html; x=application/json, application/octet-stream",
      "image/svg+xml, application/octet-stream",
      "application/xhtml+xml, application/octet-stream",
      "nonsense, application/octet-stream"
    })
    void nothing_comes_back_as_a_page_or_script(String posted, String answered) {
      try (Raw connection = server.connect()) {
        connection.send(HEAD + "Content-Type: " + posted + "\r\nContent-Length: 2\r\n\r\n42");
        Answer answer = connection.read();
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.text()).isEqualTo("42");
        assertThat(answer.header("content-type")).isEqualTo(answered);
        assertThat(answer.header("x-content-type-options")).isEqualTo("nosniff");
      }
    }

    @Test
    void a_body_that_drips_in_is_cut_off_at_REQUEST_TIMEOUT_MS() {
      try (Running impatient = model.start(upstream.url(), Map.of("REQUEST_TIMEOUT_MS", "100"));
          Raw connection = impatient.connect()) {
        connection.send(HEAD + "Content-Length: 1000000\r\n\r\n").drip(Duration.ofMillis(5));
        Answer answer = connection.read("POST", "/echo");
        assertThat(answer.status()).isEqualTo(408);
        assertThat(answer.problem()).isEqualTo("request-timeout");
        assertThat(connection.isClosedByServer()).isTrue();
      }
    }
  }
}
