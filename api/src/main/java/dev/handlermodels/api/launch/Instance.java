package dev.handlermodels.api.launch;

import dev.handlermodels.api.admission.Drainable;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** A running server: its two listeners and what they share. */
public final class Instance implements AutoCloseable {
  private static final int POLL_MS = 10;

  /** A collector that does not answer must not use up the whole of DRAIN_MS. */
  private static final long FLUSH_MS = 5_000;

  private final Service service;
  private final Launcher.Listener listener;
  private final int port;
  private final Management management;
  private final CountDownLatch closed = new CountDownLatch(1);

  Instance(Service service, Launcher.Listener listener, Management management) {
    this.service = service;
    this.listener = listener;
    this.port = listener.port(); // which a framework forgets when it stops accepting
    this.management = management;
  }

  public Service service() {
    return service;
  }

  public int port() {
    return port;
  }

  public int managementPort() {
    return management.port();
  }

  /**
   * Turns readiness off, ends the streams and closes the chats at once, goes on accepting
   * connections for DRAIN_DELAY_MS, then refuses new ones and waits until all accepted work is
   * finished and its spans are exported, DRAIN_MS at most.
   *
   * @return what is left; empty where nothing is
   */
  public List<Drainable.Left> drain() {
    service.traffic().drain();
    service.streams().drain();
    service.chat().drain();
    service.tasks().drain();
    await(() -> false, service.settings().drainDelayMs());
    listener.stopAccepting();
    int drainMs = service.settings().drainMs();
    long startNanos = System.nanoTime();
    long leftMs = drainMs;
    List<Drainable.Left> left;
    do { // again where somebody who was accepted has begun to ask meanwhile
      await(() -> left().isEmpty(), leftMs);
      leftMs = drainMs - TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);
      service.tracing().flush(Math.clamp(leftMs, 0, FLUSH_MS));
      left = left();
    } while (!left.isEmpty() && leftMs > 0 && mayWait());
    return left;
  }

  private List<Drainable.Left> left() {
    return service.drainables().stream()
        .map(work -> new Drainable.Left(work.what(), work.unfinished()))
        .filter(left -> left.count() > 0)
        .toList();
  }

  /** Returns when something is so, when time is up or when this is closed. */
  private void await(BooleanSupplier fact, long timeoutMs) {
    long deadlineNanos = System.nanoTime() + timeoutMs * 1_000_000L;
    try {
      while (!fact.getAsBoolean()
          && System.nanoTime() < deadlineNanos
          && !closed.await(POLL_MS, TimeUnit.MILLISECONDS)) {
        // The requests end on many threads; none of them should pay for telling this one.
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean mayWait() {
    return closed.getCount() > 0 && !Thread.currentThread().isInterrupted();
  }

  @Override
  public void close() {
    closed.countDown();
    service.tasks().close(); // before its upstream goes away
    listener.close();
    management.close();
    service.close();
  }
}
