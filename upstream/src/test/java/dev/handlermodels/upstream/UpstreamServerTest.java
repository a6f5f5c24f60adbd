package dev.handlermodels.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.api.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
@Timeout(60)
class UpstreamServerTest {
  /** With an upstream that goes silent. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private UpstreamServer server;
  private HttpClient http;

  @BeforeEach
  void start() throws IOException {
    server = UpstreamServer.start("127.0.0.1", 0);
    http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  }

  @AfterEach
  void stop() {
    http.shutdownNow();
    server.close();
  }

  private record Waited(int waitMs, double tookMs, JsonNode answer) {}

  @Test
  void no_answer_is_ever_early() throws Exception {
    List<CompletableFuture<Waited>> waits = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      int waitMs = i % 30;
      long startNanos = System.nanoTime();
      waits.add(
          http.sendAsync(request("GET", "/wait?waitMs=" + waitMs), BodyHandlers.ofByteArray())
              .thenApply(
                  response ->
                      new Waited(
                          waitMs,
                          (System.nanoTime() - startNanos) / 1e6,
                          Json.tree(response.body()))));
    }
    for (CompletableFuture<Waited> wait : waits) {
      Waited waited = wait.get(20, TimeUnit.SECONDS);
      assertThat(waited.tookMs()).isGreaterThanOrEqualTo(waited.waitMs());
      assertThat(waited.answer().path("waitMs").intValue()).isEqualTo(waited.waitMs());
      assertThat(waited.answer().path("waitedMs").doubleValue())
          .isGreaterThanOrEqualTo(waited.waitMs())
          .isLessThanOrEqualTo(waited.tookMs());
    }
    JsonNode stats = stats();
    assertThat(stats.path("received").intValue()).isEqualTo(300);
    assertThat(stats.path("answered").intValue()).isEqualTo(300);
    assertThat(stats.path("aborted").intValue()).isZero();
    assertThat(stats.path("active").intValue()).isZero();
  }

  @Test
  void an_answer_shows_the_traceparent_of_its_own_request() throws Exception {
    HttpRequest traced =
        HttpRequest.newBuilder(server.url().resolve("/wait?waitMs=0"))
            .header("Traceparent", "00-a-b-01")
            .build();
    assertThat(tree(traced).path("traceparent").asString()).isEqualTo("00-a-b-01");
    assertThat(tree(request("GET", "/wait?waitMs=0")).has("traceparent")).isFalse();
  }

  private JsonNode tree(HttpRequest request) throws Exception {
    return Json.tree(http.send(request, BodyHandlers.ofByteArray()).body());
  }

  @Test
  void calls_that_wait_are_active_and_those_whose_client_leaves_are_aborted_at_once() {
    for (int i = 0; i < 20; i++) {
      var _ = http.sendAsync(request("GET", "/wait?waitMs=60000"), BodyHandlers.discarding());
    }
    until(() -> server.stats().snapshot().active() == 20);
    http.shutdownNow();
    until(() -> server.stats().snapshot().aborted() == 20);
    UpstreamStats.Snapshot stats = server.stats().snapshot();
    assertThat(stats.active()).isZero();
    assertThat(stats.answered()).isZero();
    assertThat(stats.activePeak()).isEqualTo(20);
    until(() -> server.stats().snapshot().connections() == 0);
  }

  @Test
  void a_reset_zeroes_the_counts() throws Exception {
    ask("GET", "/wait?waitMs=1");
    assertThat(ask("POST", "/stats/reset").statusCode()).isEqualTo(204);
    JsonNode stats = stats();
    assertThat(stats.path("received").intValue()).isZero();
    assertThat(stats.path("activePeak").intValue()).isZero();
    assertThat(stats.at("/serviceTimeMs/max").doubleValue()).isZero();
  }

  @Test
  void service_times_are_measured_where_the_waiting_is_done() throws Exception {
    for (int i = 0; i < 10; i++) {
      ask("GET", "/wait?waitMs=20");
    }
    assertThat(stats().at("/serviceTimeMs/p50").doubleValue()).isGreaterThanOrEqualTo(19.9);
  }

  @ParameterizedTest
  @ValueSource(strings = {"waitMs=-1", "waitMs=60001", "waitMs=x", "waitMs="})
  void a_wrong_wait_is_a_400_that_is_no_call(String query) throws Exception {
    assertThat(ask("GET", "/wait?" + query).statusCode()).isEqualTo(400);
    assertThat(stats().path("received").intValue()).isZero();
    assertThat(stats().path("active").intValue()).isZero();
  }

  @ParameterizedTest
  @EnumSource(Fault.class)
  void a_fault_is_set_and_ended_over_HTTP(Fault fault) throws Exception {
    assertThat(ask("PUT", "/fault?slowMs=1&kind=" + fault.name().toLowerCase()).statusCode())
        .isEqualTo(204);
    boolean good = answersWell();
    assertThat(good).isEqualTo(fault == Fault.NONE || fault == Fault.SLOW || fault == Fault.DRIP);
    assertThat(ask("PUT", "/fault?kind=none").statusCode()).isEqualTo(204);
    assertThat(answersWell()).isTrue();
    until(() -> server.stats().snapshot().active() == 0);
  }

  private boolean answersWell() throws InterruptedException {
    var answer = http.sendAsync(request("GET", "/wait?waitMs=0"), BodyHandlers.ofByteArray());
    try {
      HttpResponse<byte[]> response = answer.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      return response.statusCode() == 200
          && Json.tree(response.body()).path("service").asString().equals("upstream");
    } catch (TimeoutException _) {
      answer.cancel(true);
      return false;
    } catch (ExecutionException | tools.jackson.core.JacksonException _) {
      return false;
    }
  }

  @Test
  void a_fault_may_strike_one_call_of_so_many() throws Exception {
    assertThat(ask("PUT", "/fault?kind=status500&every=3").statusCode()).isEqualTo(204);
    List<Boolean> well = new ArrayList<>();
    for (int call = 0; call < 6; call++) {
      well.add(answersWell());
    }
    assertThat(well).containsExactly(true, true, false, true, true, false);
  }

  @Test
  void an_unknown_fault_or_path_is_refused() throws Exception {
    assertThat(ask("PUT", "/fault?kind=earthquake").statusCode()).isEqualTo(400);
    assertThat(ask("GET", "/nothing").statusCode()).isEqualTo(404);
    assertThat(ask("GET", "/health").statusCode()).isEqualTo(200);
  }

  private HttpResponse<byte[]> ask(String method, String target)
      throws IOException, InterruptedException {
    return http.send(request(method, target), BodyHandlers.ofByteArray());
  }

  @Test
  void a_service_says_its_own_and_waits_and_fails_apart_from_the_others() throws Exception {
    var posts = ask("GET", "/services/posts/ada?waitMs=0");
    assertThat(posts.statusCode()).isEqualTo(200);
    assertThat(Json.tree(posts.body()).path("service").asString()).isEqualTo("posts");
    assertThat(Json.tree(posts.body()).at("/content/0/title").asString()).contains("ada");
    assertThat(ask("GET", "/services/orders/ada?waitMs=0&fault=status500").statusCode())
        .isEqualTo(500);
    assertThat(ask("GET", "/services/profile/ada?waitMs=0").statusCode()).isEqualTo(200);
    assertThat(ask("GET", "/services/secrets/ada?waitMs=0").statusCode()).isEqualTo(404);
    assertThat(ask("GET", "/services/posts?waitMs=0").statusCode()).isEqualTo(404);
    assertThat(ask("GET", "/services/posts/ada?fault=bad-mood").statusCode()).isEqualTo(400);
    assertThat(stats().path("received").intValue()).isEqualTo(3);
  }

  private HttpRequest request(String method, String target) {
    return HttpRequest.newBuilder(URI.create(server.url() + target))
        .method(method, BodyPublishers.noBody())
        .build();
  }

  private JsonNode stats() throws Exception {
    return Json.tree(ask("GET", "/stats").body());
  }

  /** The bound is JUnit's. */
  private static void until(BooleanSupplier fact) {
    while (!fact.getAsBoolean() && !Thread.currentThread().isInterrupted()) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
    }
    assertThat(fact.getAsBoolean()).isTrue();
  }
}
