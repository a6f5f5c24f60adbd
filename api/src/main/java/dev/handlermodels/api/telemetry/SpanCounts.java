package dev.handlermodels.api.telemetry;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.metrics.InstrumentType;
import io.opentelemetry.sdk.metrics.data.AggregationTemporality;
import io.opentelemetry.sdk.metrics.data.LongPointData;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.metrics.export.CollectionRegistration;
import io.opentelemetry.sdk.metrics.export.MetricReader;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

/**
 * What became of the spans, as the SDK itself counts it, under the names that OpenTelemetry's
 * semantic conventions give it. The SDK's counters still bear their old names (processedSpans,
 * otlp.exporter.exported): the new ones come with a count of every span's start and end.
 */
final class SpanCounts implements MetricReader, MeterBinder {
  private static final AttributeKey<Boolean> DROPPED = AttributeKey.booleanKey("dropped");
  private static final AttributeKey<Boolean> SUCCESS = AttributeKey.booleanKey("success");

  private volatile CollectionRegistration sdk = CollectionRegistration.noop();

  @Override
  public void bindTo(MeterRegistry registry) {
    counter(registry, "processor.span.processed", "", c -> c.processed(false));
    counter(registry, "processor.span.processed", "queue_full", c -> c.processed(true));
    counter(registry, "exporter.span.exported", "", c -> c.exported(true));
    counter(registry, "exporter.span.exported", "failed", c -> c.exported(false));
    Gauge.builder("otel.sdk.processor.span.queue.size", this, c -> c.sum("queueSize", _ -> true))
        .description("spans that wait for the exporter")
        .register(registry);
  }

  private void counter(
      MeterRegistry registry, String name, String error, ToDoubleFunction<SpanCounts> value) {
    FunctionCounter.builder("otel.sdk." + name, this, value)
        .description("spans, by the error for which they were lost; none where they were not")
        .tag("error.type", error)
        .register(registry);
  }

  private double processed(boolean dropped) {
    return sum("processedSpans", attributes -> attributes.get(DROPPED) == dropped);
  }

  private double exported(boolean success) {
    return sum("otlp.exporter.exported", attributes -> attributes.get(SUCCESS) == success);
  }

  private double sum(String name, Predicate<Attributes> which) {
    return sdk.collectAllMetrics().stream()
        .filter(metric -> metric.getName().equals(name))
        .mapToDouble(metric -> sum(metric, which))
        .sum();
  }

  private static double sum(MetricData metric, Predicate<Attributes> which) {
    return switch (metric.getType()) {
      case LONG_SUM, LONG_GAUGE ->
          metric.getData().getPoints().stream()
              .filter(point -> which.test(point.getAttributes()))
              .mapToDouble(point -> ((LongPointData) point).getValue())
              .sum();
      default -> 0;
    };
  }

  @Override
  public void register(CollectionRegistration registration) {
    sdk = registration;
  }

  @Override
  public CompletableResultCode forceFlush() {
    return CompletableResultCode.ofSuccess();
  }

  @Override
  public CompletableResultCode shutdown() {
    return CompletableResultCode.ofSuccess();
  }

  @Override
  public AggregationTemporality getAggregationTemporality(InstrumentType instrumentType) {
    return AggregationTemporality.CUMULATIVE;
  }
}
