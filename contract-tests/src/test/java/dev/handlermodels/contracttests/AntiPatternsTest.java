package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.api.Endpoint;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** Endpoints that make others wait are off where ANTI_PATTERNS is false, and all others on. */
@Rules
class AntiPatternsTest {
  private static final Map<String, String> OFF = Map.of("ANTI_PATTERNS", "false");

  @ParameterizedTest
  @EnumSource
  void an_anti_pattern_that_is_off_is_not_found_and_says_what_turns_it_on(Model model) {
    try (Gate upstream = Gate.opened();
        Running server = model.start(upstream.url(), OFF)) {
      for (String path :
          new String[] {
            "/io/blocking", "/io/pinned", "/file/blocking", "/cpu/inline", "/db/blocking"
          }) {
        for (String method : new String[] {"GET", "POST"}) {
          Answer answer = server.main().send(method, path);
          assertThat(answer.status()).as(method + " " + path).isEqualTo(404);
          assertThat(answer.problem()).isEqualTo("not-found");
          assertThat(answer.json().path("detail").asString())
              .isEqualTo(path + " is an anti-pattern, which ANTI_PATTERNS=true turns on");
        }
      }
      assertThat(upstream.seen()).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource
  void all_others_are_listed_and_answer(Model model) {
    try (Gate upstream = Gate.opened();
        Running server = model.start(upstream.url(), OFF)) {
      JsonNode endpoints = server.main().get("/").json().path("endpoints");
      assertThat(endpoints).hasSize(Endpoint.values().length - 5);
      assertThat(endpoints)
          .extracting(endpoint -> endpoint.path("path").asString())
          .doesNotContain(
              "/io/blocking", "/io/pinned", "/file/blocking", "/cpu/inline", "/db/blocking");
      for (String path : new String[] {"/io", "/io/offloaded", "/file", "/cpu?work=1"}) {
        assertThat(server.main().get(path).status()).as(path).isEqualTo(200);
      }
    }
  }
}
