package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.api.admission.Drainable;
import dev.handlermodels.upstream.Fault;
import dev.handlermodels.upstream.UpstreamServer;
import dev.handlermodels.upstream.UpstreamStats;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** A gateway over three services: partial results, deadlines, and nothing that outlives them. */
@Rules
@Tag("slow")
class AggregateTest {
  @Nested
  class Vertx extends Gateway {
    Vertx() {
      super(Model.VERTX);
    }
  }

  @Nested
  class Nima extends Gateway {
    Nima() {
      super(Model.NIMA);
    }
  }

  @Nested
  class Blocking extends Gateway {
    Blocking() {
      super(Model.BLOCKING);
    }

    @Test
    void waiting_for_a_worker_counts_towards_the_deadline_of_the_whole() {
      start(Map.of("WORKERS", "1", "AGGREGATE_TIMEOUT_MS", "300"));
      var busy = server.connect().get("/io/offloaded?waitMs=60000");
      Await.until("the only worker waits", () -> stats().active() == 1);
      assertThat(server.main().get("/aggregate/ada").status()).isEqualTo(502);
      assertThat(stats().received()).isEqualTo(1);
      busy.close();
    }

    @Test
    void a_single_worker_asks_one_service_after_the_other() {
      start(Map.of("WORKERS", "1", "QUEUE_SIZE", "1", "AGGREGATE_TIMEOUT_MS", "20000"));
      JsonNode result = server.main().get("/aggregate/ada?" + IMMEDIATELY).json();
      assertThat(result.path("complete").booleanValue()).isTrue();
    }
  }

  abstract static class Gateway {
    static final String IMMEDIATELY = "profileMs=0&postsMs=0&ordersMs=0";
    private static final String NEVER = "profileMs=60000&postsMs=60000&ordersMs=60000";
    private static final Executor THREADS = task -> Thread.ofVirtual().start(task);

    /** Deadlines beyond what any of these tests may take. */
    private static final Map<String, String> PATIENT =
        Map.of("SERVICE_TIMEOUT_MS", "50000", "AGGREGATE_TIMEOUT_MS", "50000");

    final Model model;
    Running server;
    private UpstreamServer upstream;
    private long abortedBefore;

    Gateway(Model model) {
      this.model = model;
    }

    @BeforeEach
    void startUpstream() throws IOException {
      upstream = UpstreamServer.start("127.0.0.1", 0);
    }

    void start(Map<String, String> settings) {
      server = model.start(upstream.url(), settings);
    }

    /**
     * The same for deadlines that only a service which never answers is to miss. The first request
     * of a cold server takes long on a busy machine.
     */
    private void startWarm(Map<String, String> settings) {
      start(settings);
      Await.until(
          "all answer in time",
          () -> {
            Answer answer = server.main().get("/aggregate/ada?" + IMMEDIATELY);
            return answer.status() == 200 && answer.json().path("complete").booleanValue();
          });
      Await.until("nothing runs any more", () -> stats().active() == 0);
      abortedBefore = stats().aborted();
    }

    @AfterEach
    void stop() {
      server.close();
      upstream.close();
    }

    UpstreamStats.Snapshot stats() {
      return upstream.stats().snapshot();
    }

    @Test
    void what_all_three_services_say_of_the_user_comes_in_one_answer() {
      start(PATIENT);
      JsonNode result = server.main().get("/aggregate/ada.l-1_~?" + IMMEDIATELY).json();
      assertThat(result.path("endpoint").asString()).isEqualTo("/aggregate/{user}");
      assertThat(result.path("threadKind").asString()).isEqualTo(model.handlerThreadKind());
      assertThat(result.path("user").asString()).isEqualTo("ada.l-1_~");
      assertThat(result.path("complete").booleanValue()).isTrue();
      assertThat(result.at("/services/profile/content/user").asString()).isEqualTo("ada.l-1_~");
      assertThat(result.at("/services/posts/content/0/title").asString()).contains("ada.l-1_~");
      assertThat(result.at("/services/orders/content/0/item").asString()).isEqualTo("a book");
      assertStatus(result, "ok", "ok", "ok");
    }

    @Test
    void a_late_service_is_left_out_and_its_call_broken_off() {
      startWarm(Map.of("SERVICE_TIMEOUT_MS", "1000", "AGGREGATE_TIMEOUT_MS", "50000"));
      Answer answer = server.main().get("/aggregate/ada?profileMs=0&postsMs=60000&ordersMs=0");
      assertThat(answer.status()).isEqualTo(200);
      assertStatus(answer.json(), "ok", "late", "ok");
      assertThat(answer.json().path("complete").booleanValue()).isFalse();
      assertThat(answer.json().at("/services/posts/detail").asString()).contains("1000 ms");
      assertThat(answer.json().at("/services/posts/content").isNull()).isTrue();
      assertThat(answer.json().at("/services/profile/detail").isNull()).isTrue();
      assertBrokenOff(1);
    }

    @Test
    void a_broken_service_is_left_out() {
      start(PATIENT);
      Answer answer = server.main().get("/aggregate/ada?" + IMMEDIATELY + "&broken=orders");
      assertThat(answer.status()).isEqualTo(200);
      assertStatus(answer.json(), "ok", "ok", "broken");
      assertThat(answer.json().at("/services/orders/detail").asString()).contains("500");
    }

    @Test
    void one_service_late_and_one_broken_leave_the_third() {
      startWarm(Map.of("SERVICE_TIMEOUT_MS", "1000", "AGGREGATE_TIMEOUT_MS", "50000"));
      Answer answer =
          server.main().get("/aggregate/ada?profileMs=60000&postsMs=0&ordersMs=0&broken=posts");
      assertThat(answer.status()).isEqualTo(200);
      assertStatus(answer.json(), "late", "broken", "ok");
    }

    @Test
    void the_whole_has_a_deadline_too() {
      startWarm(Map.of("SERVICE_TIMEOUT_MS", "50000", "AGGREGATE_TIMEOUT_MS", "1000"));
      Answer answer = server.main().get("/aggregate/ada?profileMs=0&postsMs=0&ordersMs=60000");
      assertThat(answer.status()).isEqualTo(200);
      assertStatus(answer.json(), "ok", "ok", "late");
      assertThat(answer.json().at("/services/orders/detail").asString()).contains("1000 ms");
      assertBrokenOff(1);
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          IMMEDIATELY + "&broken=profile,posts,orders",
          NEVER,
          "profileMs=60000&postsMs=60000&ordersMs=0&broken=orders"
        })
    void without_any_answer_it_is_a_502_that_names_all_three(String query) {
      start(Map.of("SERVICE_TIMEOUT_MS", "300", "AGGREGATE_TIMEOUT_MS", "50000"));
      Answer answer = server.main().get("/aggregate/ada?" + query);
      assertThat(answer.status()).isEqualTo(502);
      assertThat(answer.problem()).isEqualTo("upstream-failed");
      assertThat(answer.json().path("detail").asString()).contains("profile:", "posts:", "orders:");
      Await.until("nothing runs any more", () -> stats().active() == 0);
    }

    @Test
    void strict_the_first_failure_cancels_the_siblings_and_is_a_502() {
      start(PATIENT);
      Answer answer =
          server
              .main()
              .get(
                  "/aggregate/ada?strict=true&profileMs=60000&postsMs=1000&ordersMs=60000"
                      + "&broken=posts");
      assertThat(answer.status()).isEqualTo(502);
      assertThat(answer.json().path("detail").asString())
          .isEqualTo("the upstream call failed: it answered with status 500 (posts)");
      assertBrokenOff(2);
    }

    @Test
    void strict_a_late_service_cancels_the_siblings_and_is_a_504() {
      startWarm(Map.of("SERVICE_TIMEOUT_MS", "50000", "AGGREGATE_TIMEOUT_MS", "1000"));
      Answer answer = server.main().get("/aggregate/ada?strict=true&" + NEVER);
      assertThat(answer.status()).isEqualTo(504);
      assertThat(answer.problem()).isEqualTo("upstream-timeout");
      assertBrokenOff(3);
    }

    @Test
    void strict_a_deadline_of_one_service_is_a_504_too() {
      startWarm(Map.of("SERVICE_TIMEOUT_MS", "1000", "AGGREGATE_TIMEOUT_MS", "50000"));
      Answer answer =
          server.main().get("/aggregate/ada?strict=true&profileMs=0&postsMs=0&ordersMs=60000");
      assertThat(answer.status()).isEqualTo(504);
      assertThat(answer.json().path("detail").asString())
          .isEqualTo("the upstream gave no answer within 1000 ms (orders)");
      assertBrokenOff(1);
    }

    @Test
    void strict_without_a_failure_is_the_same() {
      start(PATIENT);
      Answer answer = server.main().get("/aggregate/ada?strict=true&" + IMMEDIATELY);
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.json().path("complete").booleanValue()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "&strict=true"})
    void a_client_that_hangs_up_ends_all_three_calls_which_run_at_once(String strict) {
      start(PATIENT);
      Raw connection = server.connect().get("/aggregate/ada?" + NEVER + strict);
      Await.until("three calls are out", () -> stats().active() == 3);
      connection.close();
      assertBrokenOff(3);
    }

    @Test
    void shutting_down_waits_for_all_three() {
      start(PATIENT);
      var answer = server.main().start("/aggregate/ada?profileMs=1000&postsMs=1000&ordersMs=1000");
      Await.until("three calls are out", () -> stats().active() == 3);
      CompletableFuture<List<Drainable.Left>> drained =
          CompletableFuture.supplyAsync(server.instance()::drain, THREADS);
      assertThat(Await.result(answer).json().path("complete").booleanValue()).isTrue();
      assertThat(Await.result(drained)).isEmpty();
    }

    @Test
    void an_upstream_that_misbehaves_breaks_all_three() {
      start(PATIENT);
      upstream.misbehave(Fault.RESET, 0);
      assertThat(server.main().get("/aggregate/ada?" + IMMEDIATELY).status()).isEqualTo(502);
    }

    @ParameterizedTest(name = "{0} is refused")
    @CsvSource(
        delimiter = '|',
        value = {
          "strict=yes | strict | true or false",
          "strict= | strict | true or false",
          "strict=true&strict=true | strict | one value",
          "profileMs=-1 | profileMs | 60000",
          "postsMs=60001 | postsMs | 60000",
          "ordersMs=soon | ordersMs | 60000",
          "ordersMs= | ordersMs | 60000",
          "broken= | broken | profile, posts and orders",
          "broken=all | broken | profile, posts and orders",
          "broken=posts,posts | broken | each once",
          "broken=posts, | broken | separated by commas",
          "waitMs=1 | waitMs | broken, ordersMs, postsMs, profileMs, strict"
        })
    void a_wrong_parameter_is_refused_by_name(String query, String name, String accepts) {
      start(PATIENT);
      String target = "/aggregate/ada?" + query;
      try (Raw connection = server.connect()) {
        Answer answer = connection.get(target).read("GET", target);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().path("parameter").asString()).isEqualTo(name);
        assertThat(answer.json().path("accepts").asString()).contains(accepts);
      }
      assertThat(stats().received()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a/b", "a%20b", "..", "a%2Fb"})
    void a_user_that_no_path_should_carry_is_not_found(String user) {
      start(PATIENT);
      String target = "/aggregate/" + user;
      try (Raw connection = server.connect()) {
        assertThat(connection.get(target).read("GET", target).status()).isEqualTo(404);
      }
    }

    private void assertBrokenOff(int calls) {
      Await.until(
          calls + " calls are broken off",
          () -> stats().aborted() == abortedBefore + calls && stats().active() == 0);
      server.awaitInFlight(0);
      server.awaitNobodyBusy();
    }

    private static void assertStatus(JsonNode result, String profile, String posts, String orders) {
      assertThat(result.at("/services/profile/status").asString()).isEqualTo(profile);
      assertThat(result.at("/services/posts/status").asString()).isEqualTo(posts);
      assertThat(result.at("/services/orders/status").asString()).isEqualTo(orders);
    }
  }
}
