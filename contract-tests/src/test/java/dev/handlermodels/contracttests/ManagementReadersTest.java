package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whose pages may read the management listener: those of exactly these origins, its figures alone,
 * and nothing with credentials. The main listener lets no other page read anything.
 */
@Rules
class ManagementReadersTest {
  private static final List<String> READABLE =
      List.of("/threads", "/metrics", "/health/live", "/health/ready");

  @Nested
  class Vertx extends Readers {
    Vertx() {
      super(Model.VERTX);
    }
  }

  @Nested
  class Nima extends Readers {
    Nima() {
      super(Model.NIMA);
    }
  }

  @Nested
  class Blocking extends Readers {
    Blocking() {
      super(Model.BLOCKING);
    }
  }

  abstract static class Readers extends ServerRules {
    Readers(Model model) {
      super(model);
    }

    private Stream<String> own() {
      return Stream.of("127.0.0.1", "localhost", "[::1]")
          .map(host -> "http://" + host + ":" + server.instance().port());
    }

    @Test
    void pages_of_the_main_listener_may_by_each_of_its_names() {
      for (String origin : own().toList()) {
        for (String path : READABLE) {
          for (String method : List.of("GET", "HEAD")) {
            Answer answer = ask(server, method, path, "Origin: " + origin);
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.header("access-control-allow-origin")).isEqualTo(origin);
            assertThat(answer.header("vary")).isEqualTo("Origin");
            assertThat(answer.headers()).doesNotContainKey("access-control-allow-credentials");
          }
        }
      }
    }

    /** Each as it would have to be for a sloppy comparison to let it in. */
    Stream<String> hostile() {
      int port = server.instance().port();
      int other = server.instance().managementPort();
      String host = "http://127.0.0.1:";
      return Stream.of(
          "null",
          "*",
          "",
          "https://127.0.0.1:" + port,
          host + port + "1",
          host + port + ".evil.example",
          host + port + "@evil.example",
          host + port + "/",
          host + port + ", http://evil.example",
          host + port + " http://evil.example",
          host + other,
          host + (port - 1),
          "http://127.0.0.1",
          "http://127.0.0.1.evil.example:" + port,
          "http://evil.example/http://127.0.0.1:" + port,
          "http://evil.example:" + port,
          "http://localhost.evil.example:" + port,
          "http://evillocalhost:" + port,
          "http://LOCALHOST:" + port,
          "HTTP://127.0.0.1:" + port,
          "http://127.1:" + port,
          "http://0.0.0.0:" + port,
          "http://[::ffff:127.0.0.1]:" + port,
          "http://192.168.0.1:" + port);
    }

    @ParameterizedTest
    @MethodSource("hostile")
    void pages_of_any_other_origin_may_not(String origin) {
      for (String path : READABLE) {
        assertUnread(ask(server, "GET", path, "Origin: " + origin));
      }
    }

    @Test
    void two_origins_are_none() {
      List<String> own = own().toList();
      String both = "Origin: " + own.get(0) + "\r\nOrigin: " + own.get(1);
      assertUnread(ask(server, "GET", "/threads", both));
      assertUnread(ask(server, "GET", "/threads", "Origin: " + own.get(0) + "\r\nOrigin: null"));
    }

    @Test
    void who_names_no_origin_is_named_none() {
      assertUnread(ask(server, "GET", "/threads", "Accept: */*"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "POST", "DELETE"})
    void no_request_that_a_browser_asks_leave_for_is_granted(String method) {
      for (String path : List.of("/threads", "/metrics", "/settings", "/health/live")) {
        Answer answer =
            ask(
                server,
                "OPTIONS",
                path,
                "Origin: "
                    + own().findFirst().orElseThrow()
                    + "\r\nAccess-Control-Request-Method: "
                    + method
                    + "\r\nAccess-Control-Request-Headers: x-anything"
                    + "\r\nAccess-Control-Request-Private-Network: true");
        assertThat(answer.status()).isEqualTo(204);
        assertUnread(answer);
      }
    }

    @Test
    void the_settings_and_what_is_not_there_are_for_no_page() {
      for (String path : List.of("/settings", "/", "/nothing")) {
        assertUnread(ask(server, "GET", path, "Origin: " + own().findFirst().orElseThrow()));
      }
    }

    @Test
    void no_page_of_another_origin_reads_the_main_listener() {
      String management = "http://127.0.0.1:" + server.instance().managementPort();
      for (String path : List.of("/", "/io?waitMs=0", "/health/live", "/play/server.json")) {
        try (Raw connection = server.connect()) {
          connection.send(request("GET", path, "Origin: " + management));
          assertUnread(connection.readUnlessClosed(false));
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void origins_of_the_setting_may_too_and_nothing_like_them(Model model) {
    String named = "http://localhost:18081";
    try (Gate upstream = Gate.opened();
        Running server =
            model.start(upstream.url(), Map.of("PLAY_ORIGINS", named + ",https://play.example"))) {
      for (String origin : List.of(named, "https://play.example")) {
        assertThat(
                ask(server, "GET", "/threads", "Origin: " + origin)
                    .header("access-control-allow-origin"))
            .isEqualTo(origin);
      }
      for (String origin :
          List.of("http://play.example", "https://play.example:8443", "http://localhost:18082")) {
        assertUnread(ask(server, "GET", "/threads", "Origin: " + origin));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void none_is_nobody(Model model) {
    try (Gate upstream = Gate.opened();
        Running server = model.start(upstream.url(), Map.of("PLAY_ORIGINS", "none"))) {
      String own = "http://127.0.0.1:" + server.instance().port();
      for (String path : READABLE) {
        assertUnread(ask(server, "GET", path, "Origin: " + own));
      }
    }
  }

  private static void assertUnread(Answer answer) {
    assertThat(answer.headers().keySet()).noneMatch(name -> name.startsWith("access-control-"));
  }

  private static Answer ask(Running server, String method, String path, String field) {
    try (Raw connection = server.connectToManagement()) {
      connection.send(request(method, path, field));
      return connection.readUnlessClosed(method.equals("HEAD"));
    }
  }

  private static String request(String method, String path, String field) {
    return method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n" + field + "\r\n\r\n";
  }
}
