package dev.handlermodels.loadtests.bench.process;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Ctrl-C, which every wait of the bench notices. */
public final class StopSignal {
  private final CountDownLatch asked = new CountDownLatch(1);
  private volatile long askedAtMs;

  public void ask() {
    askedAtMs = System.currentTimeMillis();
    asked.countDown();
  }

  /** When a failure that is noticed now began. What Ctrl-C breaks is not the row's own failure. */
  public long troubleAtMs() {
    return isAsked() ? askedAtMs : System.currentTimeMillis();
  }

  public boolean isAsked() {
    return asked.getCount() == 0;
  }

  /** Waits, and ends early where the bench is asked to stop. */
  public void pause(long ms) throws InterruptedException, MeasurementException {
    if (asked.await(Math.max(0, ms), TimeUnit.MILLISECONDS)) {
      throw new MeasurementException("The bench was interrupted.", java.util.List.of());
    }
  }
}
