package dev.handlermodels.upstream;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;

/**
 * Counts what the upstream was asked and how long it held each call, so that the bench can tell
 * wasted calls and a late upstream.
 */
public final class UpstreamStats {
  private static final long MAX_MICROS = 600_000_000L;
  private static final int DIGITS = 3;
  private static final double MICROS_PER_MS = 1000.0;

  private final LongAdder received = new LongAdder();
  private final LongAdder answered = new LongAdder();
  private final LongAdder aborted = new LongAdder();
  private final AtomicInteger active = new AtomicInteger();
  private final AtomicInteger activePeak = new AtomicInteger();
  private final AtomicInteger connections = new AtomicInteger();
  private volatile ConcurrentHistogram serviceMicros = newHistogram();

  private static ConcurrentHistogram newHistogram() {
    return new ConcurrentHistogram(MAX_MICROS, DIGITS);
  }

  void connected() {
    connections.incrementAndGet();
  }

  void disconnected() {
    connections.decrementAndGet();
  }

  void received() {
    received.increment();
    activePeak.accumulateAndGet(active.incrementAndGet(), Math::max);
  }

  void answered(long heldNanos) {
    active.decrementAndGet();
    answered.increment();
    serviceMicros.recordValue(Math.min(MAX_MICROS, heldNanos / 1000));
  }

  void aborted() {
    active.decrementAndGet();
    aborted.increment();
  }

  void reset() {
    received.reset();
    answered.reset();
    aborted.reset();
    activePeak.set(active.get());
    serviceMicros = newHistogram();
  }

  /**
   * The counts now. Calls are counted as active between their last byte read and their last byte
   * written.
   */
  public Snapshot snapshot() {
    ConcurrentHistogram histogram = serviceMicros;
    return new Snapshot(
        received.sum(),
        answered.sum(),
        aborted.sum(),
        active.get(),
        activePeak.get(),
        connections.get(),
        new ServiceTimeMs(
            histogram.getValueAtPercentile(50) / MICROS_PER_MS,
            histogram.getValueAtPercentile(99) / MICROS_PER_MS,
            histogram.getMaxValue() / MICROS_PER_MS));
  }

  /**
   * @param aborted calls whose client had gone before the answer, and those that a fault spoiled
   */
  public record Snapshot(
      long received,
      long answered,
      long aborted,
      int active,
      int activePeak,
      int connections,
      ServiceTimeMs serviceTimeMs) {}

  /** How long calls were held, in milliseconds. */
  public record ServiceTimeMs(double p50, double p99, double max) {}
}
