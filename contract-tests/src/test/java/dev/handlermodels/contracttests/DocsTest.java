package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The page behind /docs: whole, from this server alone, and nothing beside it. */
@Rules
class DocsTest {
  @Nested
  class Vertx extends Docs {
    Vertx() {
      super(Model.VERTX);
    }
  }

  @Nested
  class Nima extends Docs {
    Nima() {
      super(Model.NIMA);
    }
  }

  @Nested
  class Blocking extends Docs {
    Blocking() {
      super(Model.BLOCKING);
    }
  }

  abstract static class Docs extends PageRules {
    private static final Pattern REFERENCE = Pattern.compile("(?:src|href|url)[=:] ?\"([^\"]+)\"");

    Docs(Model model) {
      super(model);
    }

    @ParameterizedTest
    @CsvSource({
      "/docs, text/html; charset=utf-8, <div id=\"swagger-ui\">",
      "/docs/initializer.js, text/javascript; charset=utf-8, SwaggerUIBundle({",
      "/docs/swagger-ui-bundle.js, text/javascript; charset=utf-8, SwaggerUIBundle",
      "/docs/swagger-ui.css, text/css; charset=utf-8, .swagger-ui",
      "/docs/chat, text/html; charset=utf-8, <main id=\"columns\">",
      "/docs/chat.js, text/javascript; charset=utf-8, new WebSocket(",
      "/docs/chat.css, text/css; charset=utf-8, light-dark("
    })
    void a_file_comes_with_its_type_and_its_policy(String path, String type, String text) {
      assertThat(file(path, type, text).header("content-security-policy"))
          .startsWith("default-src 'none'; script-src 'self';")
          .doesNotContain("unsafe")
          .doesNotContain("http");
    }

    @Test
    void all_that_the_page_refers_to_is_here() {
      String page = server.main().get("/docs").text();
      String script = server.main().get("/docs/initializer.js").text();
      List<String> references =
          REFERENCE.matcher(page + script).results().map(r -> r.group(1)).toList();

      assertThat(references).contains("docs/swagger-ui.css", "openapi.yaml");
      assertThat(references)
          .filteredOn(reference -> !reference.startsWith("data:"))
          .allSatisfy(
              reference -> assertThat(server.main().get("/" + reference).status()).isEqualTo(200));
    }

    @Test
    void all_that_the_page_to_chat_refers_to_is_here_and_nothing_is_inline() {
      String page = server.main().get("/docs/chat").text();
      assertThat(REFERENCE.matcher(page).results().map(r -> r.group(1)).toList())
          .containsExactlyInAnyOrder("chat.css", "data:,", "../docs", "chat.js");
      assertThat(page).contains("<script src=\"chat.js\"></script>");
      assertThat(page).doesNotContain("style=").doesNotContain("onload").doesNotContain("<style");
    }

    @Test
    void no_script_stands_in_the_page_itself() {
      String page = server.main().get("/docs").text();
      assertThat(Pattern.compile("<script[^>]*>([^<]*)").matcher(page).results())
          .hasSize(2)
          .extracting((MatchResult script) -> script.group(1))
          .containsOnly("");
      assertThat(page).doesNotContain("style=").doesNotContain("onload");
    }

    @Override
    List<String> nearby() {
      return List.of(
          "/docs/",
          "/docs/index.html",
          "/docs/swagger-ui-es-bundle.js",
          "/docs/swagger-ui.js",
          "/docs/swagger-ui.css.map",
          "/docs/Swagger-UI.css",
          "/docs/..",
          "/docs/%2e%2e",
          "/docs/..%2fopenapi.yaml",
          "/docs/../openapi.yaml",
          "/docs/swagger-ui.css/",
          "/docs/x/swagger-ui.css");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/docs", "/docs/swagger-ui.css"})
    void what_the_client_has_is_not_sent_again(String path) {
      String etag = server.main().get(path).header("etag");
      assertThat(etag).matches("\"[0-9a-f]{32}\"");
      for (String known : List.of(etag, "W/" + etag, "\"x\", " + etag, "*")) {
        try (Raw connection = server.connect()) {
          Answer answer = ask(connection, path, known);
          assertThat(answer.status()).as(known).isEqualTo(304);
          assertThat(answer.header("etag")).isEqualTo(etag);
          assertThat(answer.body()).isEmpty();
          assertThat(ask(connection, path, "\"x\"").status()).as("goes on").isEqualTo(200);
        }
      }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/docs", "/docs/swagger-ui.css"})
    void all_fields_of_a_condition_are_read(String path) {
      String etag = server.main().get(path).header("etag");
      try (Raw connection = server.connect()) {
        Answer known = ask(connection, path, "\"x\"\r\nif-none-match: " + etag);
        assertThat(known.status()).isEqualTo(304);
        assertThat(known.headers()).doesNotContainKey("content-length");
        String none = "\"x\"\r\nIf-Match: ";
        assertThat(ask(connection, path, none + "\"y\", W/" + etag).status()).isEqualTo(412);
        assertThat(ask(connection, path, none + "\"y\"\r\nIf-Match: " + etag).status())
            .isEqualTo(200);
        assertThat(ask(connection, path, none + "*").status()).isEqualTo(200);
        assertThat(ask(connection, path, etag + "\r\nIf-Match: \"y\"").status()).isEqualTo(412);
      }
    }

    private static Answer ask(Raw connection, String path, String etag) {
      return connection
          .send("GET " + path + " HTTP/1.1\r\nHost: x\r\nIf-None-Match: " + etag + "\r\n\r\n")
          .read("GET", path);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/docs", "/docs/swagger-ui.css"})
    void a_parameter_is_refused(String path) {
      assertThat(server.main().get(path + "?x=1").status()).isEqualTo(400);
    }
  }
}
