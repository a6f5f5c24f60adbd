package dev.handlermodels.api.telemetry;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Consumer;

/**
 * How late an event loop gets round to a task. A probe is handed to the loop every 100 ms from a
 * thread outside; while the loop is frozen the probe's age is the lag, so a block shows while it
 * lasts and not only afterwards.
 *
 * <p>Who reads once a second misses what happened between two readings, so the greatest lag of the
 * last {@value #RECENT_MS} ms is kept too. It passes by itself, so that readers do not disturb each
 * other.
 */
public final class LoopLag implements AutoCloseable {
  static final int RECENT_MS = 2_000;
  private static final int EVERY_MS = 100;

  private final Consumer<Runnable> loop;
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("loop-lag").factory());
  private volatile long pendingSinceNanos;
  private volatile long lastNanos;
  private volatile long maxNanos;
  private volatile boolean pending;

  /** Written by the clock's thread alone; up to when the time of this probe is in it. */
  private volatile long stalledNanos;

  private long countedNanos;

  /** The greatest lag seen in each of the last periods between two probes. */
  private final AtomicLongArray recentNanos = new AtomicLongArray(RECENT_MS / EVERY_MS);

  private volatile int period;

  public LoopLag(Consumer<Runnable> loop) {
    this.loop = loop;
    clock.scheduleAtFixedRate(this::probe, EVERY_MS, EVERY_MS, TimeUnit.MILLISECONDS);
  }

  private void probe() {
    int next = (period + 1) % recentNanos.length();
    recentNanos.set(next, 0);
    period = next;
    if (!pending) {
      pendingSinceNanos = System.nanoTime();
      countedNanos = pendingSinceNanos;
      pending = true;
      loop.accept(this::arrived);
    } else {
      long now = System.nanoTime();
      seen(now - pendingSinceNanos);
      stalledNanos += now - countedNanos;
      countedNanos = now;
    }
  }

  private void arrived() {
    long lag = System.nanoTime() - pendingSinceNanos;
    lastNanos = lag;
    seen(lag);
    pending = false;
  }

  private void seen(long lagNanos) {
    maxNanos = Math.max(maxNanos, lagNanos);
    recentNanos.accumulateAndGet(period, lagNanos, Math::max);
  }

  public double nowMs() {
    long since = pendingSinceNanos;
    return (pending ? Math.max(lastNanos, System.nanoTime() - since) : lastNanos) / 1e6;
  }

  public double recentMaxMs() {
    double ms = nowMs();
    for (int i = 0; i < recentNanos.length(); i++) {
      ms = Math.max(ms, recentNanos.get(i) / 1e6);
    }
    return ms;
  }

  public double maxMs() {
    return Math.max(maxNanos / 1e6, nowMs());
  }

  /**
   * For how long in all this loop has not come round to a probe within 100 ms. It only grows, so
   * who reads every 15 s misses no block. What is beyond a multiple of 100 ms is not in it.
   */
  public double stalledMs() {
    return stalledNanos / 1e6;
  }

  @Override
  public void close() {
    clock.shutdownNow();
  }
}
