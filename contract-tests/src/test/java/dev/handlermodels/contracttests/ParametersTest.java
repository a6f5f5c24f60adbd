package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Query parameters: what is accepted, and that everything else is refused by name. */
@Rules
class ParametersTest {
  @Nested
  class Vertx extends Parameters {
    Vertx() {
      super(Model.VERTX);
    }
  }

  @Nested
  class Nima extends Parameters {
    Nima() {
      super(Model.NIMA);
    }
  }

  @Nested
  class Blocking extends Parameters {
    Blocking() {
      super(Model.BLOCKING);
    }
  }

  abstract static class Parameters extends ServerRules {
    Parameters(Model model) {
      super(model);
    }

    private static final String[] WAITING = {"/io", "/io/blocking", "/io/pinned", "/io/offloaded"};

    @Test
    void a_missing_waitMs_is_1000() {
      for (String path : WAITING) {
        assertThat(server.main().get(path).json().path("waitMs").intValue()).isEqualTo(1000);
        assertThat(upstream.seen().getLast()).startsWith("GET /wait?waitMs=1000 ");
      }
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "60000, 60000", "7, 7"})
    void a_whole_number_within_the_limits_is_accepted(String given, int waitMs) {
      for (String path : WAITING) {
        Answer answer = server.main().get(path + "?waitMs=" + given);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().path("waitMs").intValue()).isEqualTo(waitMs);
      }
    }

    /** Parameter, its encoded value, why it is wrong. */
    @ParameterizedTest(name = "{0} is refused: {1}")
    @CsvSource({
      "waitMs, without a value",
      "waitMs=, empty",
      "waitMs=-1, negative",
      "waitMs=abc, not a number",
      "waitMs=1.5, a fraction",
      "waitMs=1e3, an exponent",
      "waitMs=0x10, hexadecimal",
      "waitMs=60001, too large",
      "waitMs=99999999999999999999, larger than any integer",
      "waitMs=+5, a plus sign which means a space",
      "waitMs=%2B5, an encoded plus sign",
      "waitMs=%205, a space",
      "waitMs=%D9%A1%D9%A0, Arabic digits",
      "waitMs=%EF%BC%95, a full-width digit",
      "waitMs=%C3%28, no UTF-8",
      "waitMs=5%00, a null character"
    })
    void a_wrong_waitMs_is_refused_by_name(String query, String why) {
      for (String path : WAITING) {
        JsonNode problem = refused(path + "?" + query);
        assertThat(problem.path("parameter").asString()).isEqualTo("waitMs");
        assertThat(problem.path("accepts").asString()).isEqualTo("a whole number from 0 to 60000");
      }
    }

    @Test
    void a_repeated_parameter_is_refused_even_where_its_values_agree() {
      for (String path : WAITING) {
        JsonNode problem = refused(path + "?waitMs=0&waitMs=0");
        assertThat(problem.path("parameter").asString()).isEqualTo("waitMs");
        assertThat(problem.path("accepts").asString()).isEqualTo("one value");
      }
    }

    /** A router must not read the query to find the parameter in the path. */
    @ParameterizedTest
    @ValueSource(strings = {"/aggregate/ada?strict=%zz", "/tasks/1?%", "/docs/docs.js?x=%4"})
    void so_is_one_beside_a_parameter_in_the_path(String target) {
      assertNoTarget(target);
    }

    @ParameterizedTest
    @ValueSource(strings = {"waitMs=%zz", "waitMs=%", "waitMs=%4", "%zz=1"})
    void a_wrongly_percent_encoded_parameter_is_refused(String query) {
      for (String path : WAITING) {
        assertNoTarget(path + "?" + query);
      }
    }

    @ParameterizedTest
    @ValueSource(strings = {"waitms=5", "x=1", "waitMs=0&x=1", "=5"})
    void an_unknown_parameter_is_refused_and_the_known_one_named(String query) {
      for (String path : WAITING) {
        assertThat(refused(path + "?" + query).path("accepts").asString()).isEqualTo("waitMs");
      }
    }

    @Test
    void endpoints_without_parameters_refuse_any() {
      Stream.of("/", "/file", "/file/blocking", "/openapi.yaml")
          .map(path -> refused(path + "?x=1"))
          .forEach(
              problem -> {
                assertThat(problem.path("parameter").asString()).isEqualTo("x");
                assertThat(problem.path("accepts").asString()).isEqualTo("no parameters");
              });
    }

    @Test
    void nothing_refused_reaches_the_upstream() {
      int before = upstream.seen().size();
      refused("/io?waitMs=-1");
      refused("/io/offloaded?x=1");
      assertThat(upstream.seen()).hasSize(before);
    }

    @Test
    void a_long_value_is_not_sent_back_whole() {
      Answer answer = server.main().get("/io?waitMs=" + "9".repeat(3000));
      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.body().length).isLessThan(500);
    }

    @Test
    void a_name_that_is_cut_in_the_midst_of_a_character_is_shown_without_it() {
      JsonNode problem = refused("/io?" + "a".repeat(99) + "%F0%9F%9A%80=1");
      assertThat(problem.path("parameter").asString()).isEqualTo("a".repeat(99) + "?…");
    }

    /** Two hexadecimal digits behind each percent sign: without them a request is no HTTP. */
    private void assertNoTarget(String target) {
      try (Raw connection = server.connect()) {
        Answer answer = connection.get(target).read("GET", target);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.problem()).isEqualTo("bad-request");
        assertThat(connection.isClosedByServer()).isTrue();
      }
    }

    /** On a bare connection, for no client would send some of these. */
    private JsonNode refused(String target) {
      try (Raw connection = server.connect()) {
        Answer answer = connection.get(target).read("GET", target);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.problem()).isEqualTo("bad-parameter");
        connection.get("/health/live");
        assertThat(connection.read().status()).as("the connection goes on").isEqualTo(200);
        return answer.json();
      }
    }
  }
}
