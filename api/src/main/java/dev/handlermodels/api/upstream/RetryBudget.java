package dev.handlermodels.api.upstream;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How many calls may be made again: each call pays a share of a retry in, each retry takes a whole
 * one out. So retries are never more than that share of the calls, and an upstream that breaks
 * every connection is not asked twice as often for it.
 */
final class RetryBudget {
  private static final int ONE = 100;

  /** What a long good time may save up: enough for a hiccup, not for a storm. */
  private static final int MAX_SAVED = 20 * ONE;

  private final int percent;
  private final AtomicLong saved = new AtomicLong();

  RetryBudget(int percent) {
    this.percent = percent;
  }

  void called() {
    if (percent > 0 && saved.get() < MAX_SAVED) {
      saved.addAndGet(percent);
    }
  }

  /** Whether a call may be made once more; takes it out. */
  boolean take() {
    long before = saved.get();
    while (before >= ONE) {
      if (saved.compareAndSet(before, before - ONE)) {
        return true;
      }
      before = saved.get();
    }
    return false;
  }
}
