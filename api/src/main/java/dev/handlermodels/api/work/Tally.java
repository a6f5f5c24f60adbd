package dev.handlermodels.api.work;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** Counts how the calls of a fan-out ended. Safe for all threads. */
public final class Tally {
  private final int concurrency;
  private final AtomicInteger succeeded = new AtomicInteger();
  private final AtomicInteger failed = new AtomicInteger();
  private final AtomicReference<RuntimeException> firstFailure = new AtomicReference<>();

  /**
   * @param concurrency the calls that could be at the upstream at once
   */
  public Tally(int concurrency) {
    this.concurrency = concurrency;
  }

  public void succeeded() {
    succeeded.incrementAndGet();
  }

  public void failed(RuntimeException failure) {
    firstFailure.compareAndSet(null, failure);
    failed.incrementAndGet();
  }

  /** How many calls have ended. */
  public int made() {
    return succeeded.get() + failed.get();
  }

  int concurrency() {
    return concurrency;
  }

  int succeededCount() {
    return succeeded.get();
  }

  int failedCount() {
    return failed.get();
  }

  /**
   * @throws RuntimeException the first failure, where there was nothing else
   */
  void throwIfAllFailed() {
    if (succeeded.get() == 0 && failed.get() > 0) {
      throw firstFailure.get();
    }
  }
}
