package dev.handlermodels.api.upstream;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.function.LongSupplier;

/**
 * Measures time for the circuit breaker. The wall clock would not do: set back by an hour, it would
 * keep the breaker open for an hour.
 */
final class MonotonicClock extends Clock {
  private final LongSupplier nanos;
  private final long startNanos;

  /**
   * @param nanos as {@link System#nanoTime} has it
   */
  MonotonicClock(LongSupplier nanos) {
    this.nanos = nanos;
    this.startNanos = nanos.getAsLong();
  }

  /** The time since the start, as if that had been in 1970. */
  @Override
  public Instant instant() {
    return Instant.EPOCH.plusNanos(nanos.getAsLong() - startNanos);
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    return this;
  }
}
