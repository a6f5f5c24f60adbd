package dev.handlermodels.api.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.handlermodels.api.Endpoint;
import dev.handlermodels.api.Limits;
import dev.handlermodels.api.ProblemException;
import dev.handlermodels.api.settings.OverloadSettings;
import dev.handlermodels.api.settings.RateLimitSettings;
import dev.handlermodels.api.telemetry.Tracing;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
@Timeout(30)
class TrafficTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final MemoryBudget memory =
      new MemoryBudget(1 << 20, Limits.BODY_BYTES, new MemoryCosts(1, 1, 1, 1), registry);
  private final Traffic traffic =
      new Traffic(1, null, null, null, memory, registry, Tracing.OFF, false, true);

  @Test
  void a_request_ends_once_though_its_end_is_reported_twice() {
    Traffic.Request request = begin(traffic, "GET");
    request.admit("/io", TrafficTest::nobody);
    assertThat(traffic.inFlight()).isEqualTo(1);
    request.end(200);
    request.end(200);
    assertThat(traffic.inFlight()).isZero();
    assertThat(traffic.started()).isEqualTo(1);
  }

  @Test
  void one_request_too_many_is_refused_unless_it_asks_for_health() {
    Traffic.Request first = begin(traffic, "GET");
    assertThat(first.admit("/io", TrafficTest::nobody)).isSameAs(Endpoint.IO);
    Traffic.Request second = begin(traffic, "GET");
    ProblemException refused =
        catchThrowableOfType(
            ProblemException.class, () -> second.admit("/io", TrafficTest::nobody));
    assertThat(refused.problem().status()).isEqualTo(503);
    second.end(503);
    assertThat(traffic.rejected()).isEqualTo(1);
    assertThat(begin(traffic, "GET").admit("/health/live", TrafficTest::nobody))
        .isSameAs(Endpoint.LIVE);
    assertThat(traffic.inFlightPeak()).isEqualTo(2);
  }

  @Test
  void a_request_whose_loop_is_late_is_refused_unless_it_asks_for_health() throws Exception {
    LinkedBlockingQueue<Runnable> loop = new LinkedBlockingQueue<>();
    try (QueueDelayProbe late = new QueueDelayProbe(loop::add, 1)) {
      Traffic punctual =
          new Traffic(10, null, null, null, memory, registry, Tracing.OFF, false, true);
      punctual.refusesWhenLate(late, 1);
      assertThat(begin(punctual, "GET").admit("/io", TrafficTest::nobody)).isSameAs(Endpoint.IO);
      while (!late.concernsCaller()) {
        Runnable probe = loop.take();
        QueueDelayProbeTest.letPass(2);
        probe.run();
      }
      assertThat(status(() -> begin(punctual, "GET").admit("/io", TrafficTest::nobody)))
          .isEqualTo(503);
      assertThat(begin(punctual, "GET").admit("/health/live", TrafficTest::nobody))
          .isSameAs(Endpoint.LIVE);
    }
  }

  @Test
  void an_adaptive_limit_begins_low_and_grows_while_answers_take_no_longer() {
    AdaptiveLimit limit = AdaptiveLimit.of(OverloadSettings.Adaptive.AIMD, 1000);
    Traffic adaptive =
        new Traffic(1000, limit, null, null, memory, registry, Tracing.OFF, false, true);
    List<Traffic.Request> in = admitted(adaptive, AdaptiveLimit.INITIAL);
    assertThat(status(() -> begin(adaptive, "GET").admit("/io", TrafficTest::nobody)))
        .isEqualTo(503);
    in.forEach(request -> request.end(200));
    assertThat(limit.now()).isGreaterThan(AdaptiveLimit.INITIAL);
  }

  @Test
  void an_adaptive_limit_falls_when_answers_meet_with_a_limit_further_in() {
    AdaptiveLimit limit = AdaptiveLimit.of(OverloadSettings.Adaptive.AIMD, 1000);
    Traffic adaptive =
        new Traffic(1000, limit, null, null, memory, registry, Tracing.OFF, false, true);
    admitted(adaptive, AdaptiveLimit.INITIAL).forEach(request -> request.end(503));
    assertThat(limit.now()).isLessThan(AdaptiveLimit.INITIAL);
  }

  @Test
  void what_it_refuses_itself_and_health_do_not_move_an_adaptive_limit() {
    AdaptiveLimit limit = AdaptiveLimit.of(OverloadSettings.Adaptive.AIMD, 10);
    Traffic adaptive =
        new Traffic(10, limit, null, null, memory, registry, Tracing.OFF, false, true);
    admitted(adaptive, 10);
    Traffic.Request health = begin(adaptive, "GET");
    health.admit("/health/ready", TrafficTest::nobody);
    health.end(503);
    Traffic.Request refused = begin(adaptive, "GET");
    assertThat(status(() -> refused.admit("/io", TrafficTest::nobody))).isEqualTo(503);
    refused.end(503);
    assertThat(limit.now()).isEqualTo(10);
  }

  private static List<Traffic.Request> admitted(Traffic traffic, int count) {
    return IntStream.range(0, count)
        .mapToObj(
            _ -> {
              Traffic.Request request = begin(traffic, "GET");
              request.admit("/io", TrafficTest::nobody);
              return request;
            })
        .toList();
  }

  @Test
  void every_503_of_a_working_endpoint_counts_as_rejected_and_that_of_health_does_not() {
    Traffic.Request full = begin(traffic, "GET");
    full.admit("/io/offloaded", TrafficTest::nobody);
    full.end(503);
    Traffic.Request notReady = begin(traffic, "GET");
    notReady.admit("/health/ready", TrafficTest::nobody);
    notReady.end(503);
    assertThat(traffic.rejected()).isEqualTo(1);
  }

  @Test
  void a_path_with_a_parameter_is_one_label_and_not_one_for_each_value() {
    for (int i = 0; i < 100; i++) {
      Traffic.Request request = begin(traffic, "GET");
      request.admit("/tasks/" + i, TrafficTest::nobody);
      request.end(404);
    }
    assertThat(registry.find("http.server.requests").timers())
        .singleElement()
        .satisfies(timer -> assertThat(timer.getId().getTag("route")).isEqualTo("/tasks/{id}"));
  }

  @Test
  void all_but_health_is_limited_where_a_limit_is_set_unknown_paths_included() {
    RateLimitSettings one = new RateLimitSettings(0, 1, 3600, 10, 0);
    Traffic limited =
        new Traffic(
            10,
            null,
            new RateLimit(one, registry),
            null,
            memory,
            registry,
            Tracing.OFF,
            false,
            true);
    ClientAddress client = new ClientAddress("192.0.2.1", List.of());
    Traffic.Request first = begin(limited, "GET");
    assertThat(status(() -> first.admit("/nothing", () -> client))).isEqualTo(404);
    assertThat(first.headers()).containsKeys("RateLimit", "RateLimit-Policy");
    assertThat(status(() -> begin(limited, "GET").admit("/nothing", () -> client))).isEqualTo(429);
    assertThat(status(() -> begin(limited, "GET").admit("/io", () -> client))).isEqualTo(429);
    Traffic.Request health = begin(limited, "GET");
    assertThat(health.admit("/health/live", () -> client)).isSameAs(Endpoint.LIVE);
    assertThat(health.headers()).isEmpty();
  }

  @Test
  void a_client_whose_places_are_taken_is_refused_until_one_is_free_and_others_are_not() {
    ClientPlaces places = ClientPlaces.of(2, 0);
    Traffic shared =
        new Traffic(10, null, null, places, memory, registry, Tracing.OFF, false, true);
    ClientAddress client = new ClientAddress("192.0.2.1", List.of());
    ClientAddress other = new ClientAddress("192.0.2.2", List.of());
    Traffic.Request first = begin(shared, "GET");
    first.admit("/io", () -> client);
    begin(shared, "GET").admit("/io", () -> client);
    Traffic.Request third = begin(shared, "GET");
    assertThat(status(() -> third.admit("/io", () -> client))).isEqualTo(429);
    third.end(429);
    assertThat(begin(shared, "GET").admit("/io", () -> other)).isSameAs(Endpoint.IO);
    assertThat(begin(shared, "GET").admit("/health/live", () -> client)).isSameAs(Endpoint.LIVE);
    first.end(200);
    assertThat(begin(shared, "GET").admit("/io", () -> client)).isSameAs(Endpoint.IO);
    assertThat(status(() -> begin(shared, "GET").admit("/io", () -> client))).isEqualTo(429);
  }

  @Test
  void clients_without_a_request_in_flight_are_forgotten_however_it_ended() {
    ClientPlaces places = ClientPlaces.of(1, 0);
    Traffic full = new Traffic(1, null, null, places, memory, registry, Tracing.OFF, false, true);
    for (int i = 0; i < 100; i++) {
      ClientAddress client = new ClientAddress("192.0.2." + i, List.of());
      Traffic.Request request = begin(full, "GET");
      Traffic.Request refused = begin(full, "GET");
      request.admit("/io", () -> client);
      assertThat(status(() -> refused.admit("/io", () -> new ClientAddress("::1", List.of()))))
          .isEqualTo(503);
      refused.end(503);
      request.end(200);
    }
    assertThat(places.clients()).isZero();
  }

  @Test
  void made_up_paths_and_methods_do_not_become_labels() {
    for (int i = 0; i < 100; i++) {
      Traffic.Request request = begin(traffic, "METHOD" + i);
      int number = i;
      catchThrowableOfType(
          ProblemException.class, () -> request.admit("/path" + number, TrafficTest::nobody));
      request.end(404);
    }
    assertThat(registry.find("http.server.requests").timers())
        .singleElement()
        .satisfies(timer -> assertThat(timer.count()).isEqualTo(100))
        .satisfies(timer -> assertThat(timer.getId().getTag("route")).isEqualTo("unmatched"));
  }

  private static Traffic.Request begin(Traffic traffic, String method) {
    return traffic.begin(method, "/any", _ -> List.of());
  }

  private static int status(ThrowableAssert.ThrowingCallable call) {
    return catchThrowableOfType(ProblemException.class, call).problem().status();
  }

  /** Nobody is asked for where there is no limit. */
  private static ClientAddress nobody() {
    throw new AssertionError("there is no limit");
  }
}
