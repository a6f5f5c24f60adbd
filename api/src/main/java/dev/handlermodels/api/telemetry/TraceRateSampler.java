package dev.handlermodels.api.telemetry;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Admits so many a second and no more, evenly spread: whoever comes before the next is due is
 * refused. What was not used is kept for one second; it begins with that. Without a lock, and cheap
 * where it refuses, which under load is nearly always (the generic cell rate algorithm, ITU-T
 * I.371).
 */
final class TraceRateSampler {
  private static final long KEPT_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final long intervalNanos;
  private final LongSupplier nanoTime;
  private final AtomicLong dueNanos;

  TraceRateSampler(int perSecond) {
    this(perSecond, System::nanoTime);
  }

  TraceRateSampler(int perSecond, LongSupplier nanoTime) {
    this.intervalNanos = KEPT_NANOS / perSecond;
    this.nanoTime = nanoTime;
    this.dueNanos = new AtomicLong(nanoTime.getAsLong() - KEPT_NANOS);
  }

  boolean admits() {
    long now = nanoTime.getAsLong();
    for (long due = dueNanos.get(); now - due >= 0; due = dueNanos.get()) {
      long from = now - due > KEPT_NANOS ? now - KEPT_NANOS : due;
      if (dueNanos.compareAndSet(due, from + intervalNanos)) {
        return true;
      }
    }
    return false;
  }
}
