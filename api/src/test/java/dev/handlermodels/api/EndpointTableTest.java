package dev.handlermodels.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class EndpointTableTest {
  private record Line(String method, PathTemplate path) {
    static Line of(String method, String path) {
      return new Line(method, PathTemplate.of(path));
    }
  }

  private final EndpointTable<Line> table =
      new EndpointTable<>(
          List.of(
              Line.of("POST", "/tasks"),
              Line.of("GET", "/tasks"),
              Line.of("GET", "/tasks/{id}"),
              Line.of("DELETE", "/tasks/{id}"),
              Line.of("GET", "/io")),
          Line::method,
          Line::path);

  @ParameterizedTest
  @CsvSource({
    "GET, /io, /io",
    "GET, /tasks, /tasks",
    "POST, /tasks, /tasks",
    "GET, /tasks/7, /tasks/{id}",
    "DELETE, /tasks/7, /tasks/{id}"
  })
  void an_endpoint_is_found_by_its_method_and_path(String method, String rawPath, String path) {
    assertThat(table.find(method, rawPath)).isEqualTo(Line.of(method, path));
  }

  @ParameterizedTest
  @CsvSource({
    "PUT, /tasks, 'GET, HEAD, OPTIONS, POST'",
    "POST, /tasks/7, 'DELETE, GET, HEAD, OPTIONS'",
    "get, /tasks/7, 'DELETE, GET, HEAD, OPTIONS'",
    "POST, /io, 'GET, HEAD, OPTIONS'"
  })
  void a_wrong_method_is_told_all_that_are_allowed_sorted(
      String method, String rawPath, String allowed) {
    ProblemException refused = refusal(method, rawPath);
    assertThat(refused.problem().status()).isEqualTo(405);
    assertThat(refused.headers()).containsEntry("Allow", allowed);
  }

  @Test
  void HEAD_is_the_endpoint_of_GET_and_OPTIONS_any_of_the_path() {
    assertThat(table.find("HEAD", "/tasks")).isEqualTo(Line.of("GET", "/tasks"));
    assertThat(table.find("OPTIONS", "/io")).isEqualTo(Line.of("GET", "/io"));
    assertThat(table.allowed("/io")).isEqualTo("GET, HEAD, OPTIONS");
  }

  @ParameterizedTest
  @CsvSource({"GET, /tasks/", "GET, /tasks/a/b", "GET, /tasks/%61", "PUT, /nothing", "GET, ''"})
  void an_unknown_path_is_not_found_whatever_the_method(String method, String rawPath) {
    assertThat(refusal(method, rawPath).problem().status()).isEqualTo(404);
  }

  @Test
  void the_text_of_a_template_is_no_path() {
    assertThat(refusal("GET", "/tasks/{id}").problem().status()).isEqualTo(404);
  }

  private ProblemException refusal(String method, String rawPath) {
    return catchThrowableOfType(ProblemException.class, () -> table.find(method, rawPath));
  }
}
