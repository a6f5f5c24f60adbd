package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The page behind /play: its files, its policy, and whom it shows. PlayBrowserIT runs it. */
@Rules
class PlayTest {
  private static final String ONE = "http://127.0.0.1:18081";
  private static final String OTHER = "http://localhost:18082";
  private static final Map<String, String> TWO = Map.of("PLAY_ORIGINS", ONE + "," + OTHER);

  @Nested
  class Vertx extends Play {
    Vertx() {
      super(Model.VERTX);
    }
  }

  @Nested
  class Nima extends Play {
    Nima() {
      super(Model.NIMA);
    }
  }

  @Nested
  class Blocking extends Play {
    Blocking() {
      super(Model.BLOCKING);
    }
  }

  abstract static class Play extends PageRules {
    private static final Pattern REFERENCE =
        Pattern.compile("(?:src|href)=\"([^\"]+)\"|from \"\\./([^\"]+)\"");

    Play(Model model) {
      super(model);
    }

    @ParameterizedTest
    @CsvSource({
      "/play, text/html; charset=utf-8, <h1>",
      "/play/column.html, text/html; charset=utf-8, frame.js",
      "/play/page.js, text/javascript; charset=utf-8, import",
      "/play/column.js, text/javascript; charset=utf-8, export",
      "/play/frame.js, text/javascript; charset=utf-8, import",
      "/play/words.js, text/javascript; charset=utf-8, export",
      "/play/play.css, text/css; charset=utf-8, prefers-color-scheme",
      "/play/server.json, application/json, managementPort"
    })
    void a_file_comes_with_its_type_and_its_policy(String path, String type, String text) {
      file(path, type, text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/play", "/play/column.html", "/play/page.js", "/play/server.json"})
    void it_may_ask_its_own_two_listeners_and_nobody_else(String path) {
      int port = server.instance().managementPort();
      assertThat(server.main().get(path).header("content-security-policy"))
          .isEqualTo(
              "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:;"
                  + " connect-src 'self' http://127.0.0.1:%s http://localhost:%s;"
                      .formatted(port, port)
                  + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
    }

    @Test
    void all_that_it_refers_to_is_here() {
      for (String page : List.of("/play", "/play/column.html")) {
        List<String> references =
            REFERENCE
                .matcher(server.main().get(page).text())
                .results()
                .map(reference -> reference.group(1))
                .filter(reference -> !reference.startsWith("data:"))
                .toList();
        assertThat(references).hasSizeGreaterThanOrEqualTo(2);
        for (String reference : references) {
          String path = page.equals("/play") ? "/" + reference : "/play/" + reference;
          assertThat(server.main().get(path).status()).as(path).isEqualTo(200);
        }
      }
      for (String script : List.of("page.js", "column.js", "frame.js")) {
        String text = server.main().get("/play/" + script).text();
        assertThat(REFERENCE.matcher(text).results())
            .isNotEmpty()
            .allSatisfy(
                imported ->
                    assertThat(server.main().get("/play/" + imported.group(2)).status())
                        .isEqualTo(200));
        assertThat(text).doesNotContain("innerHTML").doesNotContain("eval(");
      }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/play", "/play/column.html"})
    void no_script_and_no_style_stand_in_the_page_itself(String path) {
      String page = server.main().get(path).text();
      assertThat(Pattern.compile("<script[^>]*>([^<]*)").matcher(page).results())
          .hasSize(1)
          .extracting((MatchResult script) -> script.group(1))
          .containsOnly("");
      assertThat(page)
          .doesNotContain("style=")
          .doesNotContain("<style")
          .doesNotContainPattern("\\son[a-z]+=");
    }

    @Test
    void it_is_told_who_the_server_is_and_where_its_management_listener_is() {
      JsonNode told = server.main().get("/play/server.json").json();
      assertThat(told.path("server").asString()).isEqualTo(model.toString());
      assertThat(told.path("model")).isEqualTo(server.main().get("/").json().path("model"));
      assertThat(told.path("managementPort").intValue())
          .isEqualTo(server.instance().managementPort());
    }

    @Override
    List<String> nearby() {
      return List.of(
          "/play/",
          "/play/index.html",
          "/play/Play.css",
          "/play/..",
          "/play/%2e%2e",
          "/play/..%2fopenapi.yaml",
          "/play/play.css/",
          "/play/initializer.js");
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "/play?x=1",
          "/play?with=",
          "/play?with=" + ONE,
          "/play?with=*",
          "/play/page.js?with=" + ONE,
          "/play/page.js?x=1"
        })
    void a_server_that_the_setting_does_not_name_is_refused(String target) {
      Answer answer = server.main().get(target);
      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.problem()).isEqualTo("bad-parameter");
    }

    @Test
    void what_the_client_has_is_not_sent_again() {
      String etag = server.main().get("/play").header("etag");
      try (Raw connection = server.connect()) {
        connection.send("GET /play HTTP/1.1\r\nHost: x\r\nIf-None-Match: " + etag + "\r\n\r\n");
        assertThat(connection.read("GET", "/play").status()).isEqualTo(304);
        connection.send("GET /play HTTP/1.1\r\nHost: x\r\nIf-Match: \"x\"\r\n\r\n");
        assertThat(connection.read("GET", "/play").status()).isEqualTo(412);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void the_servers_that_the_setting_names_are_shown_in_frames_and_may_show_this_one(Model model) {
    try (Gate upstream = Gate.opened();
        Running server = model.start(upstream.url(), TWO)) {
      String page = policy(server, "/play?with=" + OTHER + "," + ONE);
      assertThat(page)
          .contains("; frame-src " + ONE + " " + OTHER + ";")
          .endsWith("; frame-ancestors 'none'");
      String column = policy(server, "/play/column.html");
      assertThat(column)
          .doesNotContain("frame-src")
          .endsWith("; frame-ancestors " + ONE + " " + OTHER);
      assertThat(policy(server, "/docs")).endsWith("; frame-ancestors 'none'");
      for (String with : List.of(ONE + "," + ONE, ONE + "/", ONE + "1", "http://127.0.0.1")) {
        assertThat(server.main().get("/play?with=" + with).status()).as(with).isEqualTo(400);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void without_readers_it_knows_no_management_listener(Model model) {
    try (Gate upstream = Gate.opened();
        Running server = model.start(upstream.url(), Map.of("PLAY_ORIGINS", "none"))) {
      assertThat(policy(server, "/play")).contains("; connect-src 'self'; base-uri");
      assertThat(server.main().get("/play/server.json").json().path("managementPort").isNull())
          .isTrue();
    }
  }

  private static String policy(Running server, String target) {
    try (Raw connection = server.connect()) {
      Answer answer = connection.get(target).readUnlessClosed(false);
      assertThat(answer.status()).isEqualTo(200);
      return answer.header("content-security-policy");
    }
  }
}
