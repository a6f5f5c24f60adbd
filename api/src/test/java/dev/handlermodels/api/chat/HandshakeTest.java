package dev.handlermodels.api.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.handlermodels.api.ProblemException;
import dev.handlermodels.api.settings.Settings;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HandshakeTest {
  private static final Map<String, List<String>> GOOD =
      Map.of(
          "Host", List.of("chat.example:8080"),
          "Upgrade", List.of("websocket"),
          "Connection", List.of("Upgrade"),
          "Sec-WebSocket-Version", List.of("13"),
          "Sec-WebSocket-Key", List.of("dGhlIHNhbXBsZSBub25jZQ=="));

  private static void check(String method, String field, String values, String allowedOrigins) {
    Map<String, List<String>> fields = new HashMap<>(GOOD);
    if (field != null) {
      fields.put(field, values == null ? List.of() : Arrays.asList(values.split("\\|")));
    }
    Handshake.check(
        method,
        true,
        false,
        fields::get,
        Settings.fromEnvironment(
                allowedOrigins == null ? Map.of() : Map.of("ALLOWED_ORIGINS", allowedOrigins))
            .chat());
  }

  @Test
  void the_key_of_the_rfc_has_the_answer_of_the_rfc() {
    assertThat(Handshake.accept("dGhlIHNhbXBsZSBub25jZQ=="))
        .isEqualTo("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  }

  @ParameterizedTest
  @CsvSource({
    "Upgrade, WebSocket",
    "Upgrade, 'h2c, websocket'",
    "Upgrade, h2c|websocket",
    "Connection, 'keep-alive, Upgrade'",
    "Content-Length, 0",
    "Sec-WebSocket-Protocol, chat",
    "Sec-WebSocket-Extensions, permessage-deflate",
    "Origin, http://chat.example:8080",
    "Origin, https://CHAT.example:8080"
  })
  void what_is_allowed_is_taken(String field, String values) {
    assertThatCode(() -> check("GET", field, values, null)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource({
    "HEAD, Upgrade, websocket, 426",
    "GET, Upgrade, , 426",
    "GET, Upgrade, h2c, 426",
    "GET, Connection, , 426",
    "GET, Connection, keep-alive, 426",
    "GET, Sec-WebSocket-Version, , 426",
    "GET, Sec-WebSocket-Version, 8, 426",
    "GET, Sec-WebSocket-Version, 13|13, 426",
    "GET, Sec-WebSocket-Key, , 400",
    "GET, Sec-WebSocket-Key, dGhlIHNhbXBsZSBub25jZQ, 400",
    "GET, Sec-WebSocket-Key, dGhlIHNhbXBsZSBub25jZSE=, 400",
    "GET, Sec-WebSocket-Key, dGhlIHNhbXBsZSBub25jZQ==|dGhlIHNhbXBsZSBub25jZQ==, 400",
    "GET, Content-Length, 5, 400",
    "GET, Transfer-Encoding, chunked, 400",
    "GET, Origin, http://evil.example, 403",
    "GET, Origin, http://chat.example, 403",
    "GET, Origin, null, 403",
    "GET, Origin, ftp://chat.example:8080, 403",
    "GET, Origin, http://chat.example:8080.evil.example, 403",
    "GET, Origin, http://chat.example:8080|http://chat.example:8080, 403"
  })
  void what_is_not_is_refused(String method, String field, String values, int status) {
    ProblemException refusal =
        catchThrowableOfType(ProblemException.class, () -> check(method, field, values, null));
    assertThat(refusal.problem().status()).isEqualTo(status);
  }

  @ParameterizedTest
  @CsvSource({
    "https://a.example, https://a.example, true",
    "'https://b.example, https://a.example', https://A.example, true",
    "https://a.example, http://a.example, false",
    "https://a.example, http://chat.example:8080, false",
    "*, http://evil.example, true"
  })
  void allowed_origins_replace_the_host(String allowed, String origin, boolean taken) {
    ProblemException refusal =
        catchThrowableOfType(ProblemException.class, () -> check("GET", "Origin", origin, allowed));
    assertThat(refusal == null).isEqualTo(taken);
  }
}
