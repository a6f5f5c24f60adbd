package dev.handlermodels.loadtests.bench.row;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.loadtests.bench.row.GatlingLog.Response;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class WindowStatsTest {
  @Test
  void aRequestBelongsToTheWindowInWhichItEnded() {
    List<Response> responses =
        List.of(
            new Response(0, 9_999, true, ""),
            new Response(0, 10_000, true, ""),
            new Response(19_000, 19_999, true, ""),
            new Response(19_000, 20_000, true, ""));

    WindowStats stats = WindowStats.of(responses, 10_000, 20_000);

    assertThat(stats.requests()).isEqualTo(2);
    assertThat(stats.latencyMs().p50()).isEqualTo(999);
  }

  @Test
  void failuresAreCountedByKindAndTheirTimesWithTheRest() {
    List<Response> responses =
        List.of(
            new Response(0, 1000, true, ""),
            new Response(0, 3000, false, "Request timeout to x after 3000 ms"),
            new Response(0, 3000, false, "Request timeout to y after 3000 ms"),
            new Response(0, 2000, false, "status.find.is(200), found 503"));

    WindowStats stats = WindowStats.of(responses, 0, 10_000);

    assertThat(stats.failuresByKind()).isEqualTo(Map.of("time-out", 2L, "status 503", 1L));
    assertThat(stats.failures()).isEqualTo(3);
    assertThat(stats.successes()).isEqualTo(1);
    assertThat(stats.perSecond(stats.requests())).isEqualTo(0.4);
    assertThat(stats.latencyMs().max()).isEqualTo(3000);
  }

  @Test
  void percentilesAreThoseOfTheRecords() {
    List<Response> responses =
        LongStream.rangeClosed(1, 100).mapToObj(ms -> new Response(0, ms, true, "")).toList();

    WindowStats.Latency latency = WindowStats.of(responses, 0, 1000).latencyMs();

    assertThat(latency).isEqualTo(new WindowStats.Latency(50, 95, 99, 100, 50.5));
  }

  @Test
  void anEmptyWindowHasNoLatency() {
    WindowStats stats = WindowStats.of(List.of(), 0, 1000);

    assertThat(stats.requests()).isZero();
    assertThat(stats.latencyMs()).isNull();
  }
}
