package dev.handlermodels.api;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * How late an event loop gets round to a task. A probe is handed to the loop every 100 ms from a
 * thread outside; while the loop is frozen the probe's age is the lag, so a block shows while it
 * lasts and not only afterwards.
 */
final class LoopLag implements AutoCloseable {
  private static final int EVERY_MS = 100;

  private final Consumer<Runnable> loop;
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("loop-lag").factory());
  private volatile long pendingSinceNanos;
  private volatile long lastNanos;
  private volatile long maxNanos;
  private volatile boolean pending;

  LoopLag(Consumer<Runnable> loop) {
    this.loop = loop;
    clock.scheduleAtFixedRate(this::probe, EVERY_MS, EVERY_MS, TimeUnit.MILLISECONDS);
  }

  private void probe() {
    if (!pending) {
      pendingSinceNanos = System.nanoTime();
      pending = true;
      loop.accept(this::arrived);
    } else {
      maxNanos = Math.max(maxNanos, System.nanoTime() - pendingSinceNanos);
    }
  }

  private void arrived() {
    long lag = System.nanoTime() - pendingSinceNanos;
    lastNanos = lag;
    maxNanos = Math.max(maxNanos, lag);
    pending = false;
  }

  double nowMs() {
    long since = pendingSinceNanos;
    return (pending ? Math.max(lastNanos, System.nanoTime() - since) : lastNanos) / 1e6;
  }

  double maxMs() {
    return Math.max(maxNanos / 1e6, nowMs());
  }

  @Override
  public void close() {
    clock.shutdownNow();
  }
}
