package dev.handlermodels.loadtests.bench;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Ctrl-C, seen by every wait of the bench. */
final class Stop {
  private final CountDownLatch asked = new CountDownLatch(1);
  private volatile long askedAtMs;

  void ask() {
    askedAtMs = System.currentTimeMillis();
    asked.countDown();
  }

  /** When a trouble that is noticed now began: what Ctrl-C breaks is not the row's own failure. */
  long troubleAtMs() {
    return isAsked() ? askedAtMs : System.currentTimeMillis();
  }

  boolean isAsked() {
    return asked.getCount() == 0;
  }

  /** Waits, but not longer than until the bench is asked to stop. */
  void pause(long ms) throws InterruptedException, RowTrouble {
    if (asked.await(Math.max(0, ms), TimeUnit.MILLISECONDS)) {
      throw new RowTrouble("The bench was interrupted.", java.util.List.of());
    }
  }
}
