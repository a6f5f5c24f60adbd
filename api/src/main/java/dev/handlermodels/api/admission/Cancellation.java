package dev.handlermodels.api.admission;

import dev.handlermodels.api.telemetry.ServerSpan;
import java.util.HashSet;
import java.util.Set;

/**
 * Whether a piece of work is still wanted, and for which request: it goes wherever the work goes,
 * so it carries the request's span along. Whoever waits registers what ends the wait; when the
 * client hangs up, a deadline passes or a sibling fails, each of these actions runs once.
 *
 * <p>Safe for all threads. An action runs on the thread that cancels, so it must not wait.
 */
public final class Cancellation {
  private Set<Registration> waiting = Set.of();
  private final ServerSpan span;
  private RuntimeException why;

  /**
   * @param span of the request for which the work is done; {@link ServerSpan#NONE} where it is done
   *     for none
   */
  public Cancellation(ServerSpan span) {
    this.span = span;
  }

  /** Upstream calls that are part of the work are its children. */
  public ServerSpan span() {
    return span;
  }

  /** What is to happen on cancelling, until it is closed. */
  public final class Registration implements AutoCloseable {
    private final Runnable action;

    private Registration(Runnable action) {
      this.action = action;
    }

    /** The wait is over, the action no longer needed. It may be running on another thread. */
    @Override
    public void close() {
      synchronized (Cancellation.this) {
        if (why == null) {
          waiting.remove(this);
        }
      }
    }
  }

  /** Registers an action; where the work is no longer wanted already, it runs here and now. */
  public Registration onCancel(Runnable action) {
    Registration registration = new Registration(action);
    if (!register(registration)) {
      action.run();
    }
    return registration;
  }

  private synchronized boolean register(Registration registration) {
    if (why != null) {
      return false;
    }
    if (waiting.isEmpty()) {
      waiting = new HashSet<>(2); // most requests wait for one thing
    }
    return waiting.add(registration);
  }

  /**
   * The work is no longer wanted. Only the first reason counts.
   *
   * @param reason what those who wait for the work shall throw
   */
  public void cancel(RuntimeException reason) {
    for (Registration registration : settle(reason)) {
      registration.action.run();
    }
  }

  private synchronized Set<Registration> settle(RuntimeException reason) {
    if (why != null) {
      return Set.of();
    }
    why = reason;
    Set<Registration> woken = waiting;
    waiting = Set.of();
    return woken;
  }

  public synchronized boolean isCancelled() {
    return why != null;
  }

  /** The reason, null while the work is wanted. */
  public synchronized RuntimeException why() {
    return why;
  }

  /**
   * @throws RuntimeException the reason, where the work is no longer wanted
   */
  public void throwIfCancelled() {
    RuntimeException reason = why();
    if (reason != null) {
      throw reason;
    }
  }
}
