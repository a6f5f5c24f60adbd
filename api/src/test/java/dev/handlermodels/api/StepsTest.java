package dev.handlermodels.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The steps that a request can ask for, and their limits. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class StepsTest {
  private static Problem refusal(String steps) {
    return catchThrowableOfType(ProblemException.class, () -> Query.steps("steps=" + steps))
        .problem();
  }

  @Test
  void steps_are_done_in_the_order_in_which_they_stand() {
    assertThat(Query.steps("steps=call:80,call:40,sql:20,cpu:3").texts())
        .containsExactly("call:80", "call:40", "sql:20", "cpu:3");
    assertThat(Query.steps("steps=sql:7").all().getFirst().rows()).isEqualTo(new Query.Rows(1, 7));
  }

  @Test
  void without_a_query_there_are_two() {
    assertThat(Query.steps(null).texts()).containsExactly("call:100", "cpu:1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "call",
        "call:",
        "call:-1",
        "call:1,",
        ",call:1",
        "wait:1",
        "CALL:1",
        "call:1;sql:1",
        "call:123456",
        "call:٥",
        "call:1@20"
      })
  void anything_else_is_refused_with_what_is_accepted(String steps) {
    Problem problem = refusal(steps);
    assertThat(problem.status()).isEqualTo(400);
    assertThat(problem.parameter()).isEqualTo("steps");
    assertThat(problem.accepts())
        .isEqualTo(
            "1 to 32 times KIND:NUMBER, separated by commas; kinds: call (60000 in all), sql (10000"
                + " in all), cpu (10000 in all)");
  }

  @Test
  void all_of_a_kind_together_have_the_limit_of_one_request() {
    assertThat(Query.steps("steps=call:30000,sql:10000,call:30000,cpu:10000").all()).hasSize(4);
    assertThat(refusal("call:30000,call:30001").parameter()).isEqualTo("steps");
    assertThat(refusal("sql:5000,sql:5001").parameter()).isEqualTo("steps");
    assertThat(refusal("cpu:5000,cpu:5001").parameter()).isEqualTo("steps");
  }

  @Test
  void there_are_no_more_than_32() {
    String most = IntStream.range(0, 32).mapToObj(_ -> "cpu:1").collect(Collectors.joining(","));
    assertThat(Query.steps("steps=" + most).all()).hasSize(32);
    assertThat(refusal(most + ",cpu:1").parameter()).isEqualTo("steps");
  }
}
