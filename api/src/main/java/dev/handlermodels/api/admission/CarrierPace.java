package dev.handlermodels.api.admission;

import java.time.Duration;

/**
 * Starts virtual threads no faster than their carriers take them up. Carriers run them in the order
 * in which they are ready, so a thousand that are started at once run before anybody whom the
 * network or a timer wakes. For one thread, the one that starts them.
 */
public final class CarrierPace {
  private static final int AT_ONCE = 4;

  /** Beside computations that hold all carriers it goes on after that. */
  private static final Duration PATIENCE = Duration.ofMillis(10);

  private int started;

  /** Another one was started. Returns when the carriers have taken up all but a few of them. */
  public void started() {
    started++;
    if (started % AT_ONCE == 0) {
      awaitTurn();
    }
  }

  /** A virtual thread that is started now runs after all that this thread has started before. */
  private static void awaitTurn() {
    try {
      Thread.startVirtualThread(() -> {}).join(PATIENCE);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
