package dev.handlermodels.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class EndpointTest {
  @ParameterizedTest
  @EnumSource(Endpoint.class)
  void an_endpoint_is_found_by_its_method_and_path(Endpoint endpoint) {
    assertThat(Endpoint.of(endpoint.method(), endpoint.path("x"))).isSameAs(endpoint);
  }

  @Test
  void no_path_is_another_one_with_a_parameter_as_routers_would_choose_differently() {
    for (Endpoint endpoint : Endpoint.values()) {
      assertThat(Arrays.stream(Endpoint.values()).map(Endpoint::path).distinct())
          .filteredOn(path -> PathTemplate.of(path).matches(endpoint.path("x")))
          .containsExactly(endpoint.path());
    }
  }

  @ParameterizedTest
  @EnumSource(Endpoint.class)
  void an_endpoint_stands_in_openapi_yaml(Endpoint endpoint) {
    String yaml = new String(Resources.bytes("/openapi.yaml"), StandardCharsets.UTF_8);
    String method = endpoint.method().equals("POST") ? "post" : "get";
    String path = yaml.split("\n  " + Pattern.quote(endpoint.path()) + ":\n")[1];
    assertThat(path.split("\n  /")[0]).contains(method + ":\n      operationId: ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/io/", "//io", "/IO", "/%69o", "/io;x", "/io ", "io", "*"})
  void a_path_counts_letter_by_letter(String path) {
    assertThat(refusal("GET", path).status()).isEqualTo(404);
  }

  @Test
  void a_method_counts_letter_by_letter_and_the_right_one_is_named() {
    ProblemException refused =
        catchThrowableOfType(ProblemException.class, () -> Endpoint.of("get", "/io"));
    assertThat(refused.problem().status()).isEqualTo(405);
    assertThat(refused.headers()).containsEntry("Allow", "GET, HEAD, OPTIONS");
    assertThat(refusal("HEAD", "/echo").status()).isEqualTo(405);
  }

  private static Problem refusal(String method, String path) {
    return catchThrowableOfType(ProblemException.class, () -> Endpoint.of(method, path)).problem();
  }
}
