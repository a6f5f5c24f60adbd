package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The anti-pattern, proved with a gate: while one {@code /io/blocking} waits at an upstream that
 * the test holds shut, an event loop answers nobody else. The same call is harmless on virtual
 * threads and in a pool.
 */
@Rules
class FrozenLoopTest {
  private static final Map<String, String> ONE_LOOP = Map.of("EVENT_LOOPS", "1");

  @Test
  void one_blocking_call_freezes_a_loop_for_everybody_else_until_it_returns() {
    try (Gate gate = Gate.shut();
        Running server = Model.VERTX.start(gate.url(), ONE_LOOP)) {
      assertThat(server.main().get("/health/live").status()).isEqualTo(200);

      CompletableFuture<Answer> blocking = server.main().start("/io/blocking");
      gate.awaitWaiting(1);
      CompletableFuture<Answer> health = server.main().start("/health/live");
      CompletableFuture<Answer> root = server.main().start("/");
      double lagAtFirst = lagNowMs(server); // an answer to a request that was sent after those two
      Await.until("the loop's lag grows", () -> lagNowMs(server) > lagAtFirst + 300);
      Await.until("the time is counted", () -> stalledSeconds(server) >= 0.3);

      assertThat(server.management().get("/health/live").status()).isEqualTo(200);
      assertThat(server.management().get("/health/ready").status()).isEqualTo(200);
      assertThat(server.threads().at("/handlers/busy").intValue()).isEqualTo(1);
      assertThat(health).as("the main listener's health").isNotDone();
      assertThat(root).as("the main listener's root").isNotDone();
      assertThat(blocking).isNotDone();

      gate.open();
      assertThat(Await.result(blocking).status()).isEqualTo(200);
      assertThat(Await.result(health).status()).isEqualTo(200);
      assertThat(Await.result(root).status()).isEqualTo(200);
      assertThat(server.threads().at("/loopLagMs/max").doubleValue()).isGreaterThan(300);
      // A reading once a second must not miss what happened between two readings.
      Await.until("the loop is on time again", () -> lagNowMs(server) < 300);
      assertThat(server.threads().at("/loopLagMs/recentMax").doubleValue()).isGreaterThan(300);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/io/blocking", "/io/pinned"})
  void blocking_calls_on_one_loop_reach_the_upstream_one_at_a_time(String path) {
    try (Gate gate = Gate.shut();
        Running server = Model.VERTX.start(gate.url(), ONE_LOOP)) {
      var blocking = server.main().start(path, 5);
      for (int call = 0; call < 5; call++) {
        gate.awaitWaiting(1);
        gate.letOneThrough();
        int done = call + 1;
        Await.until(
            "one more is answered",
            () -> blocking.stream().filter(CompletableFuture::isDone).count() == done);
      }
      assertThat(Await.all(blocking)).extracting(Answer::status).containsOnly(200);
      assertThat(gate.peak()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Model.class,
      names = {"NIMA", "BLOCKING"})
  void the_same_blocking_call_holds_up_nobody_on_virtual_threads_and_in_a_pool(Model model) {
    try (Gate gate = Gate.shut();
        Running server = model.start(gate.url(), ONE_LOOP)) {
      CompletableFuture<Answer> blocking = server.main().start("/io/blocking");
      gate.awaitWaiting(1);

      assertThat(server.main().get("/health/live").status()).isEqualTo(200);
      assertThat(server.main().get("/").status()).isEqualTo(200);
      assertThat(server.threads().path("loopLagMs").isNull()).isTrue();
      assertThat(blocking).isNotDone();

      gate.open();
      assertThat(Await.result(blocking).status()).isEqualTo(200);
    }
  }

  @Test
  void a_second_loop_serves_its_own_connections_while_the_first_is_frozen() {
    try (Gate gate = Gate.shut();
        Running server = Model.VERTX.start(gate.url(), Map.of("EVENT_LOOPS", "2"));
        Raw first = server.connect();
        Raw second = server.connect()) {
      // Connections are dealt to the loops in turn, which their answers say.
      String firstThread = thread(first);
      assertThat(thread(second)).isNotEqualTo(firstThread);

      first.get("/io/blocking");
      gate.awaitWaiting(1);
      assertThat(second.get("/health/live").read("GET", "/health/live").status()).isEqualTo(200);

      gate.open();
      assertThat(first.read("GET", "/io/blocking").status()).isEqualTo(200);
    }
  }

  private static String thread(Raw connection) {
    return connection.get("/").read("GET", "/").json().path("thread").asString();
  }

  /** What an operator sees who reads every 15 s. */
  private static double stalledSeconds(Running server) {
    return server
        .management()
        .get("/metrics")
        .text()
        .lines()
        .filter(line -> line.startsWith("event_loop_stalled_seconds_total"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  private static double lagNowMs(Running server) {
    return server.threads().at("/loopLagMs/now").doubleValue();
  }
}
