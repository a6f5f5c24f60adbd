package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.api.Limits;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Work for a processor: that it is done, where it is done, and what that does to others. */
@Rules
class CpuTest {
  /** From another implementation, see {@code HashChain}. */
  private static final String HASH_OF_20 =
      "e7b1f1144d5f38af3731a4d6c4c8879e435cd3513937f6ab197399299f8f728d";

  /** Some 10 s of a processor: it lasts until the test has looked, and ends with the server. */
  private static final String LONG = "?work=" + Limits.MAX_WORK;

  @Nested
  class Vertx extends Cpu {
    Vertx() {
      super(Model.VERTX);
    }

    @Test
    void work_on_the_loop_freezes_it_for_everybody_else_until_it_is_done() {
      try (Gate gate = Gate.opened();
          Running server = model.start(gate.url(), Map.of("EVENT_LOOPS", "1"))) {
        CompletableFuture<Answer> inline = server.main().start("/cpu/inline?work=2000");
        awaitComputing(server, 1);
        CompletableFuture<Answer> health = server.main().start("/health/live");
        double lagAtFirst = lagNowMs(server); // an answer to a request sent after that one
        Await.until("the loop's lag grows", () -> lagNowMs(server) > lagAtFirst + 200);

        assertThat(server.management().get("/health/live").status()).isEqualTo(200);
        assertThat(health).as("the main listener's health").isNotDone();
        assertThat(inline).isNotDone();

        assertThat(Await.result(inline).status()).isEqualTo(200);
        assertThat(Await.result(health).status()).isEqualTo(200);
      }
    }
  }

  @Nested
  class Nima extends Cpu {
    private static final int CARRIERS = Runtime.getRuntime().availableProcessors();

    Nima() {
      super(Model.NIMA);
    }

    @Test
    void work_in_place_keeps_the_carriers_from_everybody_else_until_it_is_done() {
      try (Gate gate = Gate.opened();
          Running server = model.start(gate.url(), Map.of())) {
        var inline = server.main().start("/cpu/inline?work=1500", CARRIERS);
        Await.until("all carriers are taken", () -> mounted(server) == CARRIERS);

        assertThat(server.main().get("/health/live").status()).isEqualTo(200);
        assertThat(server.threads().at("/handlers/busy").intValue())
            .as("those that still compute when the first other request is answered")
            .isLessThan(CARRIERS);
        assertThat(Await.all(inline)).extracting(Answer::status).containsOnly(200);
      }
    }

    @Test
    void work_handed_off_takes_no_carrier() {
      try (Gate gate = Gate.opened();
          Running server = model.start(gate.url(), Map.of())) {
        var offloaded = server.main().start("/cpu" + LONG, CARRIERS + 1);
        Await.until("the workers are busy and one waits", () -> queued(server) == 1);
        Await.until("all carriers are free", () -> mounted(server) == 0);
        assertThat(offloaded).noneMatch(CompletableFuture::isDone);
      }
    }
  }

  @Nested
  class Blocking extends Cpu {
    Blocking() {
      super(Model.BLOCKING);
    }
  }

  @ParameterizedTest(name = "{0} with one thread for it and a queue of one")
  @EnumSource(
      value = Model.class,
      names = {"VERTX", "NIMA"})
  void what_finds_neither_a_CPU_worker_nor_room_in_their_queue_is_503(Model model) {
    try (Gate gate = Gate.opened();
        Running server = model.start(gate.url(), Map.of("CPU_WORKERS", "1", "QUEUE_SIZE", "1"))) {
      List<CompletableFuture<Answer>> in = server.main().start("/cpu" + LONG, 2);
      Await.until("one computes and one waits", () -> queued(server) == 1);

      for (String path : new String[] {"/cpu?work=1", "/mixed?waitMs=0&work=1"}) {
        Answer refused = server.main().get(path);
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.problem()).isEqualTo("overloaded");
        assertThat(refused.header("retry-after")).isEqualTo("1");
      }
      assertThat(server.main().get("/io?waitMs=0").status()).isEqualTo(200);
      assertThat(in).noneMatch(CompletableFuture::isDone);
    }
  }

  @Test
  void the_fixed_pool_computes_in_place_so_its_own_queue_is_the_one_that_fills() {
    try (Gate gate = Gate.opened();
        Running server =
            Model.BLOCKING.start(
                gate.url(), Map.of("POOL_SIZE", "1", "QUEUE_SIZE", "1", "CPU_WORKERS", "4"))) {
      List<CompletableFuture<Answer>> in = server.main().start("/cpu" + LONG, 2);
      server.awaitInFlight(2);

      assertThat(server.main().get("/io?waitMs=0").status()).isEqualTo(503);
      assertThat(server.main().get("/health/live").status()).isEqualTo(200);
      assertThat(in).noneMatch(CompletableFuture::isDone);
    }
  }

  private static int queued(Running server) {
    return server
        .management()
        .get("/metrics")
        .text()
        .lines()
        .filter(line -> line.startsWith("executor_queued_tasks{"))
        .filter(line -> line.contains("name=\"cpu-worker\""))
        .mapToInt(line -> (int) Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }

  private static int mounted(Running server) {
    return server.threads().at("/virtualThreads/mounted").intValue();
  }

  /** Where the request thread waits for a worker, both are inside handler code. */
  private static void awaitComputing(Running server, int threads) {
    Await.until(
        threads + " threads compute",
        () -> server.threads().at("/handlers/busy").intValue() >= threads);
  }

  private static double lagNowMs(Running server) {
    return server.threads().at("/loopLagMs/now").doubleValue();
  }

  abstract static class Cpu extends ServerRules {
    private static final String[] WORKING = {"/cpu", "/cpu/inline", "/mixed"};

    Cpu(Model model) {
      super(model);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/cpu?work=20", "/cpu/inline?work=20", "/mixed?waitMs=3&work=20"})
    void the_work_is_done_and_its_outcome_can_be_checked(String target) {
      JsonNode result = server.main().get(target).json();

      assertThat(result.path("server").asString()).isEqualTo(model.toString());
      assertThat(result.path("endpoint").asString()).isEqualTo(target.split("\\?")[0]);
      assertThat(result.path("work").intValue()).isEqualTo(20);
      assertThat(result.at("/computed/hash").asString()).isEqualTo(HASH_OF_20);
      assertThat(result.at("/computed/tookMs").doubleValue())
          .isPositive()
          .isLessThanOrEqualTo(result.path("tookMs").doubleValue());
    }

    @ParameterizedTest(name = "{0}: runs and computes on vertx {1}, nima {2}, blocking {3}")
    @CsvSource({
      "/cpu, event-loop platform, virtual platform, platform",
      "/cpu/inline, event-loop, virtual, platform",
      "/mixed, event-loop platform, virtual platform, platform"
    })
    void a_result_names_the_thread_that_computed(
        String path, String vertx, String nima, String blocking) {
      String[] kinds =
          switch (model) {
            case VERTX -> vertx.split(" ");
            case NIMA -> nima.split(" ");
            case BLOCKING -> blocking.split(" ");
          };
      boolean inPlace = kinds.length == 1;

      JsonNode result =
          server.main().get(path + "?work=1" + (path.equals("/mixed") ? "&waitMs=0" : "")).json();

      assertThat(result.path("threadKind").asString()).isEqualTo(kinds[0]);
      assertThat(result.at("/computedIn/kind").asString()).isEqualTo(kinds[kinds.length - 1]);
      assertThat(result.path("thread").equals(result.at("/computedIn/name"))).isEqualTo(inPlace);
      assertThat(result.at("/computedIn/name").asString().startsWith("cpu-worker-"))
          .isEqualTo(!inPlace);
    }

    @Test
    void mixed_first_asks_the_upstream_and_then_computes() {
      JsonNode result = server.main().get("/mixed?waitMs=3&work=1").json();

      assertThat(upstream.seen().getLast()).startsWith("GET /wait?waitMs=3 HTTP/1.1");
      assertThat(result.path("waitMs").intValue()).isEqualTo(3);
      assertThat(result.path("waitedIn").isNull()).isEqualTo(model == Model.VERTX);
      assertThat(result.at("/upstream/waitedMs").isNumber()).isTrue();
    }

    @Test
    void work_handed_off_leaves_the_server_to_others() {
      server.awaitInFlight(0);
      try (Gate gate = Gate.opened();
          Running own = model.start(gate.url(), Map.of("CPU_WORKERS", "1"))) {
        CompletableFuture<Answer> cpu = own.main().start("/cpu" + LONG);
        awaitComputing(own, 1);

        assertThat(own.main().get("/health/live").status()).isEqualTo(200);
        assertThat(own.main().get("/io?waitMs=0").status()).isEqualTo(200);
        assertThat(cpu).isNotDone();
      }
    }

    @Test
    void missing_parameters_have_defaults() {
      assertThat(server.main().get("/cpu").json().path("work").intValue()).isEqualTo(100);
      assertThat(server.main().get("/cpu/inline").json().path("work").intValue()).isEqualTo(100);
      JsonNode mixed = server.main().get("/mixed").json();
      assertThat(mixed.path("work").intValue()).isEqualTo(100);
      assertThat(mixed.path("waitMs").intValue()).isEqualTo(1000);
    }

    @Test
    void no_work_at_all_is_accepted() {
      for (String path : WORKING) {
        assertThat(server.main().get(path + "?work=0").status()).isEqualTo(200);
      }
    }

    @ParameterizedTest(name = "work={0} is refused: {1}")
    @CsvSource({
      "'', empty",
      "-1, negative",
      "abc, not a number",
      "1.5, a fraction",
      "1e3, an exponent",
      "10001, too large",
      "99999999999999999999, larger than any integer",
      "%2B5, an encoded plus sign"
    })
    void a_wrong_work_is_refused_by_name(String work, String why) {
      for (String path : WORKING) {
        JsonNode problem = refused(path + "?work=" + work);
        assertThat(problem.path("parameter").asString()).isEqualTo("work");
        assertThat(problem.path("accepts").asString()).isEqualTo("a whole number from 0 to 10000");
      }
    }

    @Test
    void a_repeated_an_unknown_and_another_wrong_parameter_are_refused() {
      for (String path : WORKING) {
        assertThat(refused(path + "?work=1&work=1").path("accepts").asString())
            .isEqualTo("one value");
        assertThat(refused(path + "?Work=1").path("parameter").asString()).isEqualTo("Work");
      }
      assertThat(refused("/cpu?waitMs=1").path("accepts").asString()).isEqualTo("work");
      assertThat(refused("/mixed?x=1").path("accepts").asString()).isEqualTo("waitMs, work");
      assertThat(refused("/mixed?work=1&waitMs=-1").path("parameter").asString())
          .isEqualTo("waitMs");
    }

    @Test
    void nothing_refused_reaches_the_upstream() {
      int before = upstream.seen().size();
      refused("/mixed?waitMs=0&work=-1");
      assertThat(upstream.seen()).hasSize(before);
    }

    private JsonNode refused(String target) {
      Answer answer = server.main().get(target);
      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.problem()).isEqualTo("bad-parameter");
      return answer.json();
    }
  }
}
