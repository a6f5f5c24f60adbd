package dev.handlermodels.loadtests.bench.scenario.db;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.loadtests.bench.scenario.db.DbAnalysis.BareLoop;
import dev.handlermodels.loadtests.bench.scenario.db.DbAnalysis.Load;
import dev.handlermodels.loadtests.bench.scenario.db.DbAnalysis.Measured;
import dev.handlermodels.loadtests.bench.scenario.db.DbRow.Question;
import dev.handlermodels.loadtests.bench.servers.Servers;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class DbAnalysisTest {
  @Test
  void the_ceiling_is_what_can_be_at_the_database_at_once_by_the_hold() {
    Map<String, Double> ceilings =
        DbRow.all(false, List.of()).stream()
            .filter(row -> row.question() == Question.POOL)
            .collect(java.util.stream.Collectors.toMap(DbRow::label, DbRow::ceiling));
    assertThat(ceilings)
        .hasSize(12)
        .containsEntry("vertx, pool of 20", 1000.0)
        .containsEntry("nima, pool of 100", 5000.0)
        .containsEntry("blocking, pool of 100", 2000.0); // 40 threads
  }

  @Test
  void each_row_has_a_folder_of_its_own() {
    assertThat(DbRow.all(false, List.of()).stream().map(DbRow::id)).doesNotHaveDuplicates();
  }

  @Test
  void waits_are_means_of_what_was_recorded_in_between() {
    Map<String, Double> before =
        DbAnalysis.pool(
            """
            database_pool_acquire_seconds_count{driver="jdbc",server="nima"} 10
            database_pool_acquire_seconds_sum{driver="jdbc",server="nima"} 1.0
            database_pool_acquire_seconds_max{driver="jdbc",server="nima"} 9.0
            """);
    Map<String, Double> after =
        DbAnalysis.pool(
            """
            database_pool_acquire_seconds_count{driver="jdbc",server="nima"} 110
            database_pool_acquire_seconds_sum{driver="jdbc",server="nima"} 2.5
            """);
    assertThat(DbAnalysis.mean(before, after, "acquire")).isEqualTo(15.0);
    assertThat(DbAnalysis.mean(before, after, "usage")).isNull();
    assertThat(DbAnalysis.pool(null)).isEmpty();
  }

  @Test
  void findings_say_what_was_reached_and_answer_the_claim() {
    List<Measured> rows =
        List.of(
            measured(
                Question.POOL,
                "nima, pool of 20",
                Servers.VIRTUAL_THREADS,
                "/db",
                500,
                980,
                1000.0),
            measured(
                Question.POOL,
                "nima, pool of 50",
                Servers.VIRTUAL_THREADS,
                "/db",
                500,
                1900,
                2500.0),
            measured(
                Question.POOL, "vertx, pool of 20", Servers.EVENT_LOOP, "/db", 500, 900, 1000.0),
            measured(Question.NO_HOLD, "a", Servers.EVENT_LOOP, "/db", 1, 500, null),
            measured(Question.NO_HOLD, "b", Servers.EVENT_LOOP, "/db/offloaded", 1, 400, null),
            measured(Question.NO_HOLD, "c", Servers.THREAD_POOL, "/db", 1, 600, null),
            measured(Question.NO_HOLD, "d", Servers.EVENT_LOOP, "/db", 500, 9000, null),
            measured(Question.NO_HOLD, "e", Servers.EVENT_LOOP, "/db/offloaded", 500, 6000, null),
            measured(Question.NO_HOLD, "f", Servers.THREAD_POOL, "/db", 500, 8000, null),
            measured(Question.NO_HOLD, "g, 20 queries", Servers.EVENT_LOOP, "/db", 500, 350, null));
    List<String> findings =
        DbAnalysis.findings(
            rows, List.of(new BareLoop("r2dbc", 20, 0, 10_000), new BareLoop("jdbc", 20, 20, 970)));

    assertThat(findings)
        .anyMatch(
            f ->
                f.startsWith("nima: 980 answers/s of 1,000 possible, 98.0 %")
                    && f.contains(": reached)"))
        .anyMatch(f -> f.startsWith("vertx: 900 answers/s") && f.contains("not reached"))
        .anyMatch(f -> f.startsWith("nima with 50 connections: 1,900 answers/s, 76.0 %"))
        .anyMatch(f -> f.contains("slower a query\": yes"))
        .anyMatch(f -> f.contains("high concurrency\": no"))
        .anyMatch(
            f ->
                f.startsWith("vertx without hold, one query a request: 9,000 queries/s, 90.0 %")
                    && f.contains(": reached"))
        .anyMatch(
            f ->
                f.startsWith("vertx without hold, 20 queries a request: 7,000 queries/s, 70.0 %")
                    && f.contains("not reached"))
        .anyMatch(f -> f.startsWith("A bare loop of jdbc") && f.contains("97.0 % of the same"));
  }

  private static Measured measured(
      Question question,
      String label,
      String server,
      String path,
      int users,
      double perSecond,
      Double ceiling) {
    int pool = label.endsWith("50") ? 50 : DbRow.POOL;
    int queries = label.endsWith("queries") ? 20 : 1;
    Load load = new Load(perSecond, 0, 1000 * users / perSecond, 1.0, 0.1);
    return new Measured(
        question,
        label,
        server,
        path,
        queries,
        20,
        users,
        0,
        pool,
        ceiling,
        load,
        50.0,
        40.0,
        0.0,
        1.0,
        20.5,
        (long) pool,
        2.0,
        null);
  }
}
