package dev.handlermodels.api;

/** A running server: its two listeners and what they share. */
public final class Instance implements AutoCloseable {
  private static final int POLL_MS = 10;

  private final Service service;
  private final Launcher.Listener listener;
  private final Management management;

  Instance(Service service, Launcher.Listener listener, Management management) {
    this.service = service;
    this.listener = listener;
    this.management = management;
  }

  public Service service() {
    return service;
  }

  public int port() {
    return listener.port();
  }

  public int managementPort() {
    return management.port();
  }

  /**
   * Turns readiness off at once and waits for the requests in flight and the accepted tasks,
   * DRAIN_MS at most.
   *
   * @return how many requests are left
   */
  public int drain() {
    Traffic traffic = service.traffic();
    traffic.drain();
    long deadlineNanos = System.nanoTime() + service.settings().drainMs() * 1_000_000L;
    while (traffic.inFlight() + service.tasks().unfinished() > 0
        && System.nanoTime() < deadlineNanos) {
      try {
        Thread.sleep(POLL_MS);
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
        break;
      }
    }
    return traffic.inFlight();
  }

  @Override
  public void close() {
    service.tasks().close(); // before its upstream goes away
    listener.close();
    management.close();
    service.close();
  }
}
