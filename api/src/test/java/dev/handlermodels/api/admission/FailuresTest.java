package dev.handlermodels.api.admission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.api.Json;
import dev.handlermodels.api.Problem;
import dev.handlermodels.api.ProblemException;
import dev.handlermodels.api.Problems;
import dev.handlermodels.api.telemetry.ServerSpan;
import dev.handlermodels.api.upstream.UpstreamException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class FailuresTest {
  @ParameterizedTest
  @CsvSource({"TIMEOUT, 504", "UNREACHABLE, 502", "BROKEN, 502", "BAD_ANSWER, 502"})
  void only_a_late_upstream_is_a_504(UpstreamException.Kind kind, int status) {
    assertThat(Failures.of(new UpstreamException(kind, "why"), ServerSpan.NONE).problem().status())
        .isEqualTo(status);
  }

  @Test
  void a_cause_is_found_inside_the_wrappers_of_futures() {
    Throwable wrapped =
        new CompletionException(new ExecutionException(UpstreamException.timeout(5)));
    assertThat(Failures.of(wrapped, ServerSpan.NONE).problem().status()).isEqualTo(504);
  }

  @Test
  void a_full_queue_is_a_503_that_says_when_to_come_again() {
    ProblemException full = Failures.of(new RejectedExecutionException("secret"), ServerSpan.NONE);
    assertThat(full.problem().status()).isEqualTo(503);
    assertThat(full.headers()).containsEntry("Retry-After", "1");
    assertThat(full.closesConnection()).isFalse();
  }

  @Test
  void what_nobody_expected_says_nothing_of_itself() {
    Problem problem = Failures.of(new IllegalStateException("secret"), ServerSpan.NONE).problem();
    assertThat(problem.status()).isEqualTo(500);
    assertThat(json(problem)).doesNotContain("secret", "IllegalState", "at dev.");
  }

  @Test
  void members_that_a_problem_does_not_have_are_left_out() {
    assertThat(json(Problems.notFound("/x").problem()))
        .isEqualTo(
            "{\"type\":\"urn:handler-models:problem:not-found\",\"title\":\"Not found\","
                + "\"status\":404,\"detail\":\"there is nothing at /x\"}");
  }

  @Test
  void where_the_rest_of_a_request_cannot_be_read_the_connection_closes() {
    assertThat(Problems.bodyTooLarge().closesConnection()).isTrue();
    assertThat(Problems.requestLineTooLong().closesConnection()).isTrue();
    assertThat(Problems.headersTooLarge().closesConnection()).isTrue();
    assertThat(Problems.badRequest("why").closesConnection()).isTrue();
    assertThat(Problems.notFound("/x").closesConnection()).isFalse();
  }

  @Test
  void an_answer_does_not_grow_with_the_request() {
    assertThat(Problems.notFound("/" + "x".repeat(4000)).problem().detail()).hasSizeLessThan(200);
    assertThat(Problems.methodNotAllowed("X".repeat(4000), "GET").problem().detail())
        .hasSizeLessThan(200);
  }

  @Test
  void half_a_character_of_a_client_becomes_a_question_mark() {
    for (String half : List.of("\ud83d", "\ude00", "x\ud83dx", "\ud83d\ud83d\ude00")) {
      Problem problem = Problems.notFound(half).problem();
      assertThat(problem.detail()).contains("?");
      assertThat(Json.tree(Json.bytes(problem)).path("detail").asString())
          .isEqualTo(problem.detail());
    }
  }

  @Test
  void a_character_that_the_cut_would_halve_is_no_exception() {
    String detail = Problems.notFound("x".repeat(99) + "🚀").problem().detail();
    assertThat(detail).endsWith("x?…");
  }

  private static String json(Problem problem) {
    return new String(Json.bytes(problem), StandardCharsets.UTF_8);
  }
}
