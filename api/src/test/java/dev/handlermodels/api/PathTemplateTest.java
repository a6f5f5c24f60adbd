package dev.handlermodels.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class PathTemplateTest {
  private static final PathTemplate TASK = PathTemplate.of("/tasks/{id}");
  private static final PathTemplate POSTS = PathTemplate.of("/users/{user}/posts");

  @ParameterizedTest
  @ValueSource(strings = {"x", "7", "AZaz09-._~", "...", "a..", ".a", "-", "~"})
  void a_parameter_is_taken_as_it_is(String value) {
    assertThat(TASK.matches("/tasks/" + value)).isTrue();
    assertThat(TASK.parameter("/tasks/" + value)).isEqualTo(value);
    assertThat(TASK.fill(value)).isEqualTo("/tasks/" + value);
    assertThat(POSTS.parameter("/users/" + value + "/posts")).isEqualTo(value);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "/", "a/", "/a", "a/b", ".", "..", "%61", "a%2Fb", "%", "a b", "a+b", "a;x=1", "a:b",
        "a@b", "a,b", "a=b", "a!b", "a'b", "(a)", "a*b", "a$b", "a&b", "{id}", "ä", "a\u0000", "a?b"
      })
  void anything_else_is_another_path(String value) {
    assertThat(TASK.matches("/tasks/" + value)).isFalse();
    assertThat(POSTS.matches("/users/" + value + "/posts")).isFalse();
  }

  @Test
  void a_parameter_has_at_most_64_characters() {
    assertThat(TASK.matches("/tasks/" + "x".repeat(64))).isTrue();
    assertThat(TASK.matches("/tasks/" + "x".repeat(65))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/tasks", "/task/x", "tasks/x", "/Tasks/x", "//tasks/x", "/", ""})
  void what_surrounds_a_parameter_counts_letter_by_letter(String path) {
    assertThat(TASK.matches(path)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/users/posts", "/users//posts", "/users/x/post", "/users/x/posts/"})
  void what_comes_behind_a_parameter_counts_too(String path) {
    assertThat(POSTS.matches(path)).isFalse();
  }

  @Test
  void a_path_without_a_parameter_is_itself_and_has_none_to_give() {
    PathTemplate io = PathTemplate.of("/io");
    assertThat(io.matches("/io")).isTrue();
    assertThat(io.matches("/io/")).isFalse();
    assertThat(io.fill("x")).isEqualTo("/io");
    assertThatThrownBy(() -> io.parameter("/io")).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> TASK.parameter("/io")).isInstanceOf(IllegalStateException.class);
  }
}
