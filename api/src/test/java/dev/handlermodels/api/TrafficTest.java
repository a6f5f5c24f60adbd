package dev.handlermodels.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class TrafficTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final Traffic traffic = new Traffic(1, registry, Tracing.OFF, false);

  @Test
  void a_request_ends_once_though_its_end_is_reported_twice() {
    Traffic.Request request = begin("GET", "/io");
    request.admit("/io");
    assertThat(traffic.inFlight()).isEqualTo(1);
    request.end(200);
    request.end(200);
    assertThat(traffic.inFlight()).isZero();
    assertThat(traffic.started()).isEqualTo(1);
  }

  @Test
  void one_request_too_many_is_refused_unless_it_asks_for_health() {
    Traffic.Request first = begin("GET", "/io");
    assertThat(first.admit("/io")).isSameAs(Endpoint.IO);
    Traffic.Request second = begin("GET", "/io");
    ProblemException refused =
        catchThrowableOfType(ProblemException.class, () -> second.admit("/io"));
    assertThat(refused.problem().status()).isEqualTo(503);
    second.end(503);
    assertThat(traffic.rejected()).isEqualTo(1);
    assertThat(begin("GET", "/health/live").admit("/health/live")).isSameAs(Endpoint.LIVE);
    assertThat(traffic.inFlightPeak()).isEqualTo(2);
  }

  @Test
  void every_503_of_a_working_endpoint_counts_as_rejected_and_that_of_health_does_not() {
    Traffic.Request full = begin("GET", "/io/offloaded");
    full.admit("/io/offloaded");
    full.end(503);
    Traffic.Request notReady = begin("GET", "/health/ready");
    notReady.admit("/health/ready");
    notReady.end(503);
    assertThat(traffic.rejected()).isEqualTo(1);
  }

  @Test
  void made_up_paths_and_methods_do_not_become_labels() {
    for (int i = 0; i < 100; i++) {
      Traffic.Request request = begin("METHOD" + i, "/path" + i);
      int number = i;
      catchThrowableOfType(ProblemException.class, () -> request.admit("/path" + number));
      request.end(404);
    }
    assertThat(registry.find("http.server.requests").timers())
        .singleElement()
        .satisfies(timer -> assertThat(timer.count()).isEqualTo(100))
        .satisfies(timer -> assertThat(timer.getId().getTag("route")).isEqualTo("unmatched"));
  }

  private Traffic.Request begin(String method, String path) {
    return traffic.begin(method, path, _ -> List.of());
  }
}
