package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * {@code /io/pinned}: what a call with native code beneath it does to everybody else, that its
 * deadline ends it, and what repairs it. In processes of their own, because a pinned carrier is one
 * of the whole JVM, and the upstream of these tests needs some, too.
 */
@Rules
class PinnedIT {
  private static final int CARRIERS = 2;
  private static final String TWO_CARRIERS = "-Djdk.virtualThreadScheduler.parallelism=" + CARRIERS;

  /** The poller threads of this mode are platform threads, which need no carrier. */
  private static final String PLATFORM_POLLERS = "-Djdk.pollerMode=1";

  /** Long enough for the calls to arrive at the gate, on a busy machine as well. */
  private static final String SHORT_TIMEOUT_MS = "4000";

  /** So many block everybody else. */
  private static int atOnce(Model model) {
    return model == Model.VERTX ? 1 : CARRIERS;
  }

  private static ServerProcess start(Model model, Gate gate, List<String> flags, String... more) {
    Map<String, String> settings = new HashMap<>();
    settings.put("UPSTREAM_URL", gate.url().toString());
    settings.put("EVENT_LOOPS", "1");
    settings.put("POOL_SIZE", "" + CARRIERS);
    for (int i = 0; i < more.length; i += 2) {
      settings.put(more[i], more[i + 1]);
    }
    return ServerProcess.startWith(flags, model, settings);
  }

  private static int mounted(Client management) {
    return management.get("/threads").json().at("/virtualThreads/mounted").intValue();
  }

  private static int busy(Client management) {
    return management.get("/threads").json().at("/handlers/busy").intValue();
  }

  /** The upstream stays silent: only the deadline can end these calls. */
  @ParameterizedTest
  @EnumSource
  void a_server_whose_threads_are_all_pinned_answers_again_after_the_deadline(Model model) {
    try (Gate gate = Gate.shut();
        ServerProcess process =
            start(model, gate, List.of(TWO_CARRIERS), "UPSTREAM_TIMEOUT_MS", SHORT_TIMEOUT_MS);
        Client main = process.main();
        Client management = process.management()) {
      var pinned = main.start("/io/pinned", atOnce(model));
      gate.awaitWaiting(atOnce(model));
      CompletableFuture<Answer> root = main.start("/");

      for (CompletableFuture<Answer> call : pinned) {
        assertThat(Await.result(call).status()).isEqualTo(504);
        assertThat(Await.result(call).problem()).isEqualTo("upstream-timeout");
      }
      assertThat(Await.result(root).status()).isEqualTo(200);
      assertThat(main.get("/health/live").status()).isEqualTo(200);
      gate.open();
      assertThat(main.get("/io").status()).isEqualTo(200);
      Await.until("nobody is in a handler", () -> busy(management) == 0);
    }
  }

  /** More calls than carriers: each deadline lets the next two in, until all have ended. */
  @Test
  void of_more_calls_than_carriers_each_ends_and_then_others_are_served() {
    try (Gate gate = Gate.shut();
        ServerProcess process =
            start(Model.NIMA, gate, List.of(TWO_CARRIERS), "UPSTREAM_TIMEOUT_MS", "1000");
        Client main = process.main()) {
      var pinned = main.start("/io/pinned", 3 * CARRIERS);
      assertThat(Await.all(pinned)).extracting(Answer::status).containsOnly(504);
      assertThat(main.get("/health/live").status()).isEqualTo(200);
    }
  }

  @Test
  void as_many_pinned_calls_as_carriers_keep_virtual_threads_from_serving_anybody() {
    try (Gate gate = Gate.shut();
        ServerProcess process = start(Model.NIMA, gate, List.of(TWO_CARRIERS, PLATFORM_POLLERS));
        Client main = process.main();
        Client management = process.management()) {
      assertThat(main.get("/health/live").status()).isEqualTo(200);
      var pinned = main.start("/io/pinned", 3 * CARRIERS);
      gate.awaitWaiting(CARRIERS);
      CompletableFuture<Answer> health = main.start("/health/live");
      for (int look = 0; look < 10; look++) {
        assertThat(mounted(management)).isEqualTo(CARRIERS);
      }
      assertThat(management.get("/health/live").status()).isEqualTo(200);
      assertThat(health).as("the main listener's health").isNotDone();
      assertThat(pinned).noneMatch(CompletableFuture::isDone);

      gate.open();
      assertThat(Await.all(pinned)).extracting(Answer::status).containsOnly(200);
      assertThat(Await.result(health).status()).isEqualTo(200);
      assertThat(gate.peak()).as("the ceiling is carriers / wait").isEqualTo(CARRIERS);
    }
  }

  @Test
  void more_carriers_than_pinned_calls_repair_it() {
    try (Gate gate = Gate.shut();
        ServerProcess process =
            start(Model.NIMA, gate, List.of("-Djdk.virtualThreadScheduler.parallelism=32"));
        Client main = process.main()) {
      assertOthersAreServedBeside("/io/pinned", gate, main);
    }
  }

  @Test
  void a_call_that_is_handed_to_a_worker_holds_no_carrier() {
    try (Gate gate = Gate.shut();
        ServerProcess process = start(Model.NIMA, gate, List.of(TWO_CARRIERS));
        Client main = process.main()) {
      assertOthersAreServedBeside("/io/offloaded", gate, main);
    }
  }

  private static void assertOthersAreServedBeside(String path, Gate gate, Client main) {
    var calls = main.start(path, 3 * CARRIERS);
    gate.awaitWaiting(3 * CARRIERS);
    assertThat(main.get("/health/live").status()).isEqualTo(200);
    assertThat(calls).noneMatch(CompletableFuture::isDone);
    gate.open();
    assertThat(Await.all(calls)).extracting(Answer::status).containsOnly(200);
  }

  /** A client that leaves frees the carrier of its call: the watch is a platform thread. */
  @Test
  void a_client_that_hangs_up_frees_the_carrier() {
    try (Gate gate = Gate.shut();
        ServerProcess process = start(Model.NIMA, gate, List.of(TWO_CARRIERS));
        Client main = process.main()) {
      for (int call = 0; call < CARRIERS; call++) {
        Raw client = new Raw(process.port());
        client.get("/io/pinned");
        gate.awaitWaiting(call + 1);
        if (call == CARRIERS - 1) {
          client.close();
        }
      }
      assertThat(main.get("/health/live").status()).isEqualTo(200);
    }
  }
}
