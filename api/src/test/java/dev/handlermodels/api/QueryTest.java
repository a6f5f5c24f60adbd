package dev.handlermodels.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class QueryTest {
  @ParameterizedTest
  @NullAndEmptySource
  void no_query_means_the_default(String query) {
    assertThat(Query.waitMs(query)).isEqualTo(Limits.DEFAULT_WAIT_MS);
    Query.none(query);
  }

  @ParameterizedTest
  @CsvSource({
    "waitMs=0, 0",
    "waitMs=60000, 60000",
    "waitMs=%35, 5",
    "%77aitMs=5, 5",
    "&waitMs=5, 5",
    "waitMs=5&&, 5",
    "&&waitMs=5&, 5"
  })
  void whole_numbers_within_the_limits_are_taken_encoded_or_not(String query, int waitMs) {
    assertThat(Query.waitMs(query)).isEqualTo(waitMs);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "waitMs", "waitMs=", "waitMs=-1", "waitMs=60001", "waitMs=4294967296", "waitMs=x",
        "waitMs=00000000005", "waitMs=+5", "waitMs=%2B5", "waitMs=٥", "waitMs=5.0", "waitMs=5=5"
      })
  void anything_else_is_refused_with_what_is_accepted(String query) {
    Problem problem = refusal(() -> Query.waitMs(query));
    assertThat(problem.status()).isEqualTo(400);
    assertThat(problem.parameter()).isEqualTo("waitMs");
    assertThat(problem.accepts()).isEqualTo("a whole number from 0 to 60000");
  }

  @ParameterizedTest
  @NullAndEmptySource
  void no_query_means_the_defaults_of_work_and_race(String query) {
    assertThat(Query.work(query)).isEqualTo(Limits.DEFAULT_WORK);
    assertThat(Query.mixed(query))
        .isEqualTo(new Query.Mixed(Limits.DEFAULT_WAIT_MS, Limits.DEFAULT_WORK));
    assertThat(Query.race(query).tasks()).isEqualTo(Limits.DEFAULT_RACE_TASKS);
    assertThat(Query.race(query).safe()).isFalse();
  }

  @Test
  void the_most_that_can_be_asked_for_is_taken_and_one_more_is_not() {
    assertThat(Query.work("work=10000")).isEqualTo(10_000);
    assertThat(Query.race("safe=true&tasks=1000").tasks()).isEqualTo(1000);
    assertThat(refusal(() -> Query.work("work=10001")).accepts())
        .isEqualTo("a whole number from 0 to 10000");
    assertThat(refusal(() -> Query.race("tasks=1001")).accepts())
        .isEqualTo("a whole number from 1 to 1000");
    assertThat(refusal(() -> Query.race("tasks=0")).parameter()).isEqualTo("tasks");
  }

  @ParameterizedTest
  @ValueSource(strings = {"safe", "safe=", "safe=1", "safe=TRUE", "safe=yes", "safe=true%20"})
  void a_flag_is_true_or_false_and_nothing_else(String query) {
    Problem problem = refusal(() -> Query.race(query));
    assertThat(problem.parameter()).isEqualTo("safe");
    assertThat(problem.accepts()).isEqualTo("true or false");
  }

  @Test
  void several_known_parameters_are_named_in_the_same_order_by_every_server() {
    assertThat(refusal(() -> Query.mixed("x=1")).accepts()).isEqualTo("waitMs, work");
    assertThat(refusal(() -> Query.race("x=1")).accepts()).isEqualTo("safe, tasks");
  }

  @Test
  void a_repeated_an_unknown_and_a_badly_encoded_parameter_are_refused() {
    assertThat(refusal(() -> Query.waitMs("waitMs=1&waitMs=1")).accepts()).isEqualTo("one value");
    assertThat(refusal(() -> Query.waitMs("waitms=1")).accepts()).isEqualTo("waitMs");
    assertThat(refusal(() -> Query.none("x=1")).accepts()).isEqualTo("no parameters");
    assertThat(refusal(() -> Query.waitMs("waitMs=%q")).accepts())
        .isEqualTo("percent-encoded UTF-8");
  }

  @Test
  void a_long_name_or_value_is_cut_in_the_answer() {
    Problem value = refusal(() -> Query.waitMs("waitMs=" + "9".repeat(5000)));
    Problem name = refusal(() -> Query.of("n".repeat(5000) + "=1", Set.of()));
    assertThat(value.detail()).hasSizeLessThan(200);
    assertThat(name.parameter()).hasSizeLessThan(200);
    assertThat(name.detail()).hasSizeLessThan(200);
  }

  private static Problem refusal(Runnable query) {
    ProblemException refused = catchThrowableOfType(ProblemException.class, query::run);
    assertThat(refused).isNotNull();
    return refused.problem();
  }

  /** A default locale such as fa-IR has digits of its own, which no URL may have. */
  @Test
  void a_path_at_the_upstream_has_the_same_digits_in_every_country() {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag("fa-IR"));
    try {
      assertThat("%d".formatted(1)).as("this locale has its own digits").isNotEqualTo("1");
      assertThat(Query.aggregate("ada", null).parts().getFirst().target())
          .startsWith("/services/")
          .matches("[ -~]+");
    } finally {
      Locale.setDefault(before);
    }
  }
}
