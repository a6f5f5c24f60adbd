package dev.handlermodels.loadtests.bench.scenario.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.loadtests.bench.config.LoopbackAddress;
import dev.handlermodels.loadtests.bench.scenario.telemetry.TelemetryAnalysis.Compared;
import dev.handlermodels.loadtests.bench.scenario.telemetry.TelemetryAnalysis.Round;
import dev.handlermodels.loadtests.bench.scenario.telemetry.TelemetryAnalysis.Spans;
import dev.handlermodels.loadtests.bench.scenario.telemetry.TelemetryAnalysis.Variant;
import dev.handlermodels.loadtests.load.KeepAliveLoad.Outcome;
import dev.handlermodels.loadtests.load.SpanSink;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import org.junit.jupiter.api.Test;

class TelemetryAnalysisTest {
  private static final List<Round> ROUNDS =
      List.of(
          round(Variant.OFF, 1, 100, 10, new Spans(0, 0, 0)),
          round(Variant.EVERY, 1, 90, 13, new Spans(900, 0, 0)),
          round(Variant.DEFAULT, 1, 99, 10.4, new Spans(9, 0, 0)),
          round(Variant.SLOW_COLLECTOR, 1, 95, 12, new Spans(100, 300, 0)),
          round(Variant.OFF, 2, 50, 10, new Spans(0, 0, 0)),
          round(Variant.EVERY, 2, 47, 13, new Spans(450, 50, 0)));

  @Test
  void theRatioIsTheMedianOfTheRoundsOwnRatiosToTheSameRoundWithoutTraces() {
    Compared every = of(Variant.EVERY);

    assertThat(every.ratio()).isEqualTo(0.92);
    assertThat(every.ratioMin()).isEqualTo(0.9);
    assertThat(every.ratioMax()).isEqualTo(0.94);
    assertThat(of(Variant.OFF).ratio()).isEqualTo(1);
  }

  @Test
  void aSpanCostsWhatARequestCostsMoreDividedByItsSpans() {
    assertThat(of(Variant.OFF).cpuUsPerSpan()).isNull();
    assertThat(of(Variant.EVERY).cpuUsPerSpan()).isEqualTo(3);
    assertThat(of(Variant.DEFAULT).cpuUsPerSpan()).as("too few spans to tell").isNull();
  }

  @Test
  void whatTheServerAloneWouldLeaveIsTheRatioOfCpuPerRequest() {
    assertThat(of(Variant.OFF).cpuRatio()).isEqualTo(1);
    assertThat(of(Variant.EVERY).cpuRatio()).isEqualTo(0.769);
    assertThat(of(Variant.EVERY).collectorCores()).isEqualTo(0.3);
  }

  @Test
  void spansAreTheSumOfAllRounds() {
    assertThat(of(Variant.EVERY).spans()).isEqualTo(new Spans(1350, 50, 0));
  }

  @Test
  void theFindingSaysWhatTracingCostsAndWhatIsLost() {
    List<Compared> compared = TelemetryAnalysis.compare(ROUNDS);

    assertThat(TelemetryAnalysis.finding(of(Variant.DEFAULT), compared))
        .contains("vertx: tracing leaves 0.99 of /, the median of the rounds' own ratios")
        .contains("target 0.90: reached", "99 instead of 75 requests/s")
        .contains("Every request traced leaves 0.92, while the collector used 0.30 cores")
        .contains("by the server's own CPU it would be 0.77.")
        .contains("A span costs 3.0 µs of CPU", "published for Python are 150 to 250 µs")
        .contains("Of these spans 96.4 % are exported and 3.6 % dropped by the full queue")
        .contains("of the spans 25.0 % are exported and 75.0 % dropped");
  }

  @Test
  void aTargetThatIsMissedIsCalledSo() {
    List<Compared> compared =
        TelemetryAnalysis.compare(
            List.of(
                round(Variant.OFF, 1, 100, 10, new Spans(0, 0, 0)),
                round(Variant.DEFAULT, 1, 89, 13, new Spans(9, 0, 0))));

    assertThat(TelemetryAnalysis.finding(compared.getLast(), compared))
        .contains("target 0.90: not reached");
  }

  @Test
  void theFateOfSpansIsReadFromPrometheusText() {
    String metrics =
        """
        # TYPE otel_sdk_exporter_span_exported_total counter
        otel_sdk_exporter_span_exported_total{error_type="",server="vertx"} 1024.0
        otel_sdk_exporter_span_exported_total{error_type="failed",server="vertx"} 12.0
        otel_sdk_processor_span_processed_total{error_type="",server="vertx"} 1036.0
        otel_sdk_processor_span_processed_total{error_type="queue_full",server="vertx"} 1.5E7
        """;

    assertThat(Spans.of(metrics)).isEqualTo(new Spans(1024, 15_000_000, 12));
    assertThat(Spans.of("# nothing\n")).isEqualTo(new Spans(0, 0, 0));
  }

  @Test
  void theCollectorTakesWhateverItIsSentAndMayTakeItsTime() throws Exception {
    try (SpanSink sink = SpanSink.start(0);
        HttpClient client = HttpClient.newHttpClient()) {
      for (String path : List.of("/v1/traces", SpanSink.SLOW + "/v1/traces")) {
        HttpRequest request =
            HttpRequest.newBuilder(URI.create(LoopbackAddress.url(sink.port()) + path))
                .POST(BodyPublishers.ofByteArray(new byte[100_000]))
                .build();
        assertThat(client.send(request, BodyHandlers.discarding()).statusCode()).isEqualTo(200);
      }
    }
  }

  private static Compared of(Variant variant) {
    return TelemetryAnalysis.compare(ROUNDS).stream()
        .filter(compared -> compared.variant() == variant)
        .findFirst()
        .orElseThrow();
  }

  private static Round round(
      Variant variant, int number, double perSecond, double cpuUs, Spans spans) {
    Outcome outcome = new Outcome(1000, 0, 900, 9, perSecond, 600, 900, 1200, 0.5);
    return new Round("vertx", variant, number, outcome, cpuUs, 0.3, 0.1, spans);
  }
}
