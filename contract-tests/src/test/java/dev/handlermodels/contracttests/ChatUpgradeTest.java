package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Requests that shall become a WebSocket: which do, what the others are told, and what follows. */
@Rules
class ChatUpgradeTest {
  @Nested
  class Vertx extends Upgrades {
    Vertx() {
      super(Model.VERTX);
    }
  }

  @Nested
  class Nima extends Upgrades {
    Nima() {
      super(Model.NIMA);
    }
  }

  @Nested
  class Blocking extends Upgrades {
    Blocking() {
      super(Model.BLOCKING);
    }
  }

  private enum Refused {
    NO_UPGRADE("Upgrade: websocket\r\n", "", 426, "upgrade-required"),
    ANOTHER_PROTOCOL("Upgrade: websocket", "Upgrade: h2c", 426, "upgrade-required"),
    NO_CONNECTION("Connection: Upgrade\r\n", "", 426, "upgrade-required"),
    ANOTHER_VERSION("Version: 13", "Version: 8", 426, "upgrade-required"),
    NO_VERSION("Sec-WebSocket-Version: 13\r\n", "", 426, "upgrade-required"),
    OLD_HTTP("HTTP/1.1", "HTTP/1.0", 426, "upgrade-required"),
    HEAD("GET ", "HEAD ", 426, null),
    NO_KEY("Sec-WebSocket-Key: " + RawWebSocket.KEY + "\r\n", "", 400, "bad-request"),
    A_SHORT_KEY(RawWebSocket.KEY, "c2hvcnQ=", 400, "bad-request"),
    TWO_KEYS(
        "Sec-WebSocket-Version",
        "Sec-WebSocket-Key: " + RawWebSocket.KEY + "\r\nSec-WebSocket-Version",
        400,
        "bad-request"),
    A_FOREIGN_ORIGIN(
        "Upgrade: websocket",
        "Upgrade: websocket\r\nOrigin: http://evil.example",
        403,
        "foreign-origin"),
    NO_ORIGIN("Upgrade: websocket", "Upgrade: websocket\r\nOrigin: null", 403, "foreign-origin"),
    A_NAME_THAT_IS_NONE("/chat/r", "/chat/r?name=%0a", 400, "bad-parameter"),
    A_LONG_NAME("/chat/r", "/chat/r?name=" + "x".repeat(33), 400, "bad-parameter"),
    ANOTHER_PARAMETER("/chat/r", "/chat/r?x=1", 400, "bad-parameter"),
    NO_ROOM("/chat/r", "/chat/", 404, "not-found"),
    A_ROOM_TOO_LONG("/chat/r", "/chat/" + "r".repeat(65), 404, "not-found");

    private final String part;
    private final String instead;
    private final int status;
    private final String problem;

    Refused(String part, String instead, int status, String problem) {
      this.part = part;
      this.instead = instead;
      this.status = status;
      this.problem = problem;
    }

    private String request() {
      return RawWebSocket.request("/chat/r").replace(part, instead);
    }
  }

  abstract static class Upgrades extends ServerRules {
    Upgrades(Model model) {
      super(model);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "HEAD")
    void is_refused_and_the_connection_goes_on(Refused refused) {
      try (Raw connection = server.connect()) {
        Answer answer = connection.send(refused.request()).read();
        assertThat(answer.status()).as("%s", answer).isEqualTo(refused.status);
        assertThat(answer.problem()).isEqualTo(refused.problem);
        Contract.checkAnswer("GET", "/chat/r", answer);
        if (refused.status == 426) {
          assertThat(answer.header("upgrade")).isEqualTo("websocket");
        }
        assertThat("13".equals(answer.header("sec-websocket-version")))
            .isEqualTo(refused == Refused.ANOTHER_VERSION || refused == Refused.NO_VERSION);
        if (refused != Refused.OLD_HTTP) { // which ends the connection
          if (refused.status == 426) {
            assertThat(answer.header("connection")).containsIgnoringCase("upgrade");
          }
          assertThat(connection.get("/health/live").read("GET", "/health/live").status())
              .isEqualTo(200);
        }
      }
    }

    @Test
    void HEAD_is_answered_without_a_body() {
      try (Raw connection = server.connect()) {
        Answer answer = connection.send(Refused.HEAD.request()).readUnlessClosed(true);
        assertThat(answer.status()).isEqualTo(426);
        assertThat(connection.get("/health/live").read("GET", "/health/live").status())
            .isEqualTo(200);
      }
    }

    /** What would be the first frame must not be the body, nor the other way about. */
    @ParameterizedTest
    @CsvSource({
      "'Content-Length: 5', hello",
      "'Transfer-Encoding: chunked', '5\r\nhello\r\n0\r\n\r\n'"
    })
    void one_with_a_body_is_refused_and_closed(String field, String body) {
      try (Raw connection = server.connect()) {
        String request =
            RawWebSocket.request("/chat/r")
                .replace("Upgrade: websocket", field + "\r\nUpgrade: websocket");
        Answer answer = connection.send(request + body).read();
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.header("connection")).isEqualToIgnoringCase("close");
        assertThat(connection.isCutByServer()).isTrue();
      }
    }

    @Test
    void over_HTTP_2_there_is_none() {
      try (Running http2 = model.start(upstream.url(), Map.of("HTTP2", "true"));
          RawHttp2 connection = RawHttp2.to(http2)) {
        Answer answer = connection.get(1, "/chat/r").answer(1);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.problem()).isEqualTo("upgrade-required");
      }
    }

    @Test
    void the_answer_is_101_with_the_proof_and_without_what_was_only_offered() {
      try (RawWebSocket raw = RawWebSocket.connect(server.instance().port(), 0)) {
        String offers =
            "Upgrade: h2c, WebSocket\r\nOrigin: http://localhost\r\n"
                + "Sec-WebSocket-Protocol: chat, superchat\r\n"
                + "Sec-WebSocket-Extensions: permessage-deflate";
        raw.send(
            RawWebSocket.request("/chat/r")
                .replace("Upgrade: websocket", offers)
                .replace("Connection: Upgrade", "Connection: keep-alive, Upgrade")
                .getBytes(StandardCharsets.ISO_8859_1));
        String head = raw.head();
        assertThat(head)
            .startsWith("HTTP/1.1 101 ")
            .containsIgnoringCase("\r\nupgrade: websocket\r\n")
            .containsIgnoringCase("\r\nconnection: upgrade\r\n")
            .containsIgnoringCase("\r\nsec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n")
            .doesNotContainIgnoringCase("protocol:")
            .doesNotContainIgnoringCase("extensions:")
            .doesNotContainIgnoringCase("transfer-encoding");
        // RFC 7692 would set the first reserved bit; nobody has agreed to that.
        raw.send(RawWebSocket.frame(0xC1, new byte[1]));
        assertThat(raw.read(RawWebSocket.CLOSE).code()).isEqualTo(1002);
      }
    }

    @Test
    void allowed_origins_may_be_named() {
      Map<String, String> settings =
          Map.of("ALLOWED_ORIGINS", "https://a.example,http://b.example");
      try (Running other = model.start(upstream.url(), settings)) {
        assertThat(statusFor(other, "http://b.example")).isEqualTo(101);
        assertThat(statusFor(other, "http://localhost")).isEqualTo(403);
      }
    }

    private static int statusFor(Running server, String origin) {
      try (RawWebSocket raw = RawWebSocket.connect(server.instance().port(), 0)) {
        raw.send(
            RawWebSocket.request("/chat/r")
                .replace("Upgrade: websocket", "Upgrade: websocket\r\nOrigin: " + origin)
                .getBytes(StandardCharsets.ISO_8859_1));
        return Integer.parseInt(raw.head().split(" ", 3)[1]);
      }
    }

    @Test
    void an_upgrade_that_is_offered_elsewhere_is_ignored() {
      try (Raw connection = server.connect()) {
        Answer answer =
            connection.send(RawWebSocket.request("/health/live")).read("GET", "/health/live");
        assertThat(answer.status()).isEqualTo(200);
      }
    }

    @Test
    void it_is_counted_as_a_request_that_has_ended() {
      try (RawWebSocket raw = RawWebSocket.open(server.instance().port(), "/chat/counted")) {
        Await.until(
            "it has ended",
            () ->
                server.metric(
                        "http_server_requests_seconds_count{method=\"GET\",route=\"/chat/{room}\"")
                    >= 1);
        assertThat(server.threads().at("/requests/inFlight").intValue()).isZero();
        assertThat(raw.say("x").message().path("text").asString()).isEqualTo("x");
      }
    }
  }
}
