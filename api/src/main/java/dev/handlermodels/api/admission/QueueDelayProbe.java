package dev.handlermodels.api.admission;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Whether an event loop, or the carriers of virtual threads, get round to new work within
 * MAX_QUEUE_MS. How long a request has waited before anybody read it nobody can tell; a probe that
 * is handed over every {@value #EVERY_MS} ms from outside has waited as long.
 *
 * <p>Late are two probes in a row. One alone is a collection or a hiccup, whose few requests are
 * better served than refused; under overload each probe is late (the idea of CoDel, RFC 8289: it is
 * the standing queue that has to go).
 */
public final class QueueDelayProbe implements AutoCloseable {
  private static final int EVERY_MS = 10;

  private final Consumer<Runnable> turns;
  private final long maxNanos;
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("lateness").factory());
  private volatile Thread loop;
  private volatile boolean late;
  private volatile boolean pending;
  private volatile boolean lastWasLate;
  private volatile long sinceNanos;

  /**
   * @param turns runs a task when its turn comes
   */
  public QueueDelayProbe(Consumer<Runnable> turns, int maxQueueMs) {
    this.turns = turns;
    this.maxNanos = TimeUnit.MILLISECONDS.toNanos(maxQueueMs);
    clock.scheduleAtFixedRate(this::probe, EVERY_MS, EVERY_MS, TimeUnit.MILLISECONDS);
  }

  private void probe() {
    if (!pending) {
      sinceNanos = System.nanoTime();
      pending = true;
      turns.accept(this::arrived);
    } else if (lastWasLate && isOverdue()) {
      late = true;
    }
  }

  private void arrived() {
    boolean now = isOverdue();
    Thread current = Thread.currentThread();
    loop = current.isVirtual() ? null : current;
    late = now && lastWasLate;
    lastWasLate = now;
    pending = false;
  }

  private boolean isOverdue() {
    return System.nanoTime() - sinceNanos > maxNanos;
  }

  /** Whether the calling thread's loop is late, or all carriers. */
  boolean concernsCaller() {
    return late && (loop == null || loop == Thread.currentThread());
  }

  @Override
  public void close() {
    clock.shutdownNow();
  }
}
