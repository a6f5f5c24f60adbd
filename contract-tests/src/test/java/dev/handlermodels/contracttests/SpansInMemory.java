package dev.handlermodels.contracttests;

import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.sdk.autoconfigure.spi.ConfigProperties;
import io.opentelemetry.sdk.autoconfigure.spi.traces.ConfigurableSpanExporterProvider;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;

/**
 * {@code OTEL_TRACES_EXPORTER=memory}: behind the SDK's own batch span processor, an exporter that
 * keeps what it gets. It can be held, as a collector that does not answer holds its client.
 */
public final class SpansInMemory implements ConfigurableSpanExporterProvider {
  private static final AtomicReference<Exporter> LATEST = new AtomicReference<>();

  @Override
  public String getName() {
    return "memory";
  }

  @Override
  public SpanExporter createExporter(ConfigProperties config) {
    Exporter exporter = new Exporter();
    LATEST.set(exporter);
    return exporter;
  }

  /** The exporter of the server that was started last. */
  static Exporter latest() {
    return LATEST.get();
  }

  static final class Exporter implements SpanExporter {
    private final InMemorySpanExporter kept = InMemorySpanExporter.create();
    private final CountDownLatch held = new CountDownLatch(1);
    private volatile CountDownLatch gate = new CountDownLatch(0);

    List<SpanData> spans() {
      return kept.getFinishedSpanItems();
    }

    List<SpanData> awaitSpans(SpanKind kind, int count) {
      Await.until(count + " spans of kind " + kind, () -> of(kind).size() >= count);
      return of(kind);
    }

    private List<SpanData> of(SpanKind kind) {
      return spans().stream().filter(span -> span.getKind() == kind).toList();
    }

    void hold() {
      gate = held;
    }

    void release() {
      held.countDown();
    }

    @Override
    public CompletableResultCode export(Collection<SpanData> spans) {
      try {
        gate.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return CompletableResultCode.ofFailure();
      }
      return kept.export(spans);
    }

    @Override
    public CompletableResultCode flush() {
      return CompletableResultCode.ofSuccess();
    }

    /** Keeps what there is, for a test that looks at it afterwards. */
    @Override
    public CompletableResultCode shutdown() {
      return CompletableResultCode.ofSuccess();
    }
  }
}
