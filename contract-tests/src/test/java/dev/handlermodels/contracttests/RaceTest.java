package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * Lost updates: the unsafe race loses on every model, one thread or many, and the safe one never.
 */
@Rules
class RaceTest {
  @Nested
  class Vertx extends Race {
    Vertx() {
      super(Model.VERTX);
    }

    /** Certain to the last task: all read in one turn of the loop, before any timer fires. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 100, 1000})
    void on_one_thread_all_updates_but_one_are_lost(int tasks) {
      JsonNode race = race("?tasks=" + tasks);
      assertThat(race.path("threads").intValue()).isEqualTo(1);
      assertThat(race.path("counted").intValue()).isEqualTo(1);
      assertThat(race.path("lost").intValue()).isEqualTo(tasks - 1);
    }
  }

  @Nested
  class Nima extends Race {
    Nima() {
      super(Model.NIMA);
    }

    @Test
    void each_task_has_a_virtual_thread_of_its_own() {
      assertThat(race("?tasks=100").path("threads").intValue()).isEqualTo(100);
    }
  }

  @Nested
  class Blocking extends Race {
    Blocking() {
      super(Model.BLOCKING);
    }

    @Test
    void the_tasks_share_eight_threads() {
      assertThat(race("?tasks=100").path("threads").intValue()).isBetween(1, 8);
    }
  }

  abstract static class Race extends ServerRules {
    Race(Model model) {
      super(model);
    }

    JsonNode race(String query) {
      return server.main().get("/race" + query).json();
    }

    /**
     * For nothing to be lost, none of these tasks may begin while another is suspended; their
     * suspensions take one second together.
     */
    @Test
    void the_unsafe_race_loses_updates() {
      for (int round = 0; round < 3; round++) {
        JsonNode race = race("?tasks=1000&safe=false");
        assertThat(race.path("lost").intValue()).isPositive();
        assertThat(race.path("expected").intValue()).isEqualTo(1000);
        assertThat(race.path("counted").intValue())
            .isPositive()
            .isEqualTo(1000 - race.path("lost").intValue());
      }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 100, 1000})
    void the_safe_race_never_loses_any(int tasks) {
      JsonNode race = race("?safe=true&tasks=" + tasks);
      assertThat(race.path("safe").booleanValue()).isTrue();
      assertThat(race.path("counted").intValue()).isEqualTo(tasks);
      assertThat(race.path("lost").intValue()).isZero();
    }

    @Test
    void races_at_once_do_not_disturb_each_other() {
      assertThat(Await.all(server.main().start("/race?safe=true&tasks=50", 10)))
          .extracting(answer -> answer.json().path("lost").intValue())
          .containsOnly(0);
    }

    @Test
    void a_race_of_100_unsafe_tasks_is_what_no_parameters_mean() {
      JsonNode race = race("");
      assertThat(race.path("server").asString()).isEqualTo(model.toString());
      assertThat(race.path("endpoint").asString()).isEqualTo("/race");
      assertThat(race.path("tasks").intValue()).isEqualTo(100);
      assertThat(race.path("safe").booleanValue()).isFalse();
      assertThat(race.path("threadKind").asString()).isEqualTo(model.handlerThreadKind());
    }

    @ParameterizedTest(name = "{0} is refused for {1}, which accepts {2}")
    @CsvSource({
      "tasks=, tasks, a whole number from 1 to 1000",
      "tasks=0, tasks, a whole number from 1 to 1000",
      "tasks=-1, tasks, a whole number from 1 to 1000",
      "tasks=1001, tasks, a whole number from 1 to 1000",
      "tasks=x, tasks, a whole number from 1 to 1000",
      "tasks=2&tasks=2, tasks, one value",
      "safe=, safe, true or false",
      "safe=1, safe, true or false",
      "safe=True, safe, true or false",
      "safe=true&safe=true, safe, one value",
      "x=1, x, 'safe, tasks'"
    })
    void a_wrong_parameter_is_refused_by_name(String query, String parameter, String accepts) {
      Answer answer = server.main().get("/race?" + query);
      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.problem()).isEqualTo("bad-parameter");
      assertThat(answer.json().path("parameter").asString()).isEqualTo(parameter);
      assertThat(answer.json().path("accepts").asString()).isEqualTo(accepts);
    }
  }
}
