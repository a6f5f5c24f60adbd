package dev.handlermodels.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import org.assertj.core.api.ThrowableAssert;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class TrafficTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final Traffic traffic = new Traffic(1, null, registry, Tracing.OFF, false);

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
    Traffic limited = new Traffic(10, new RateLimit(one, registry), registry, Tracing.OFF, false);
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
