package dev.handlermodels.contracttests;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Bounded waiting. The bound only ends a test that hangs; no test measures with it. */
final class Await {
  static final Duration BOUND = Duration.ofSeconds(20);
  private static final Duration POLL = Duration.ofMillis(2);

  private Await() {}

  static <T> T result(CompletableFuture<T> future) {
    try {
      return future.get(BOUND.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof AssertionError failure) {
        throw failure;
      }
      throw new AssertionError("the request failed: " + e.getCause(), e.getCause());
    } catch (TimeoutException e) {
      throw new AssertionError("no answer within " + BOUND, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  static <T> List<T> all(List<CompletableFuture<T>> futures) {
    return futures.stream().map(Await::result).toList();
  }

  /** For facts that nobody announces, such as a count that another process keeps. */
  static void until(String what, BooleanSupplier fact) {
    until(() -> what, fact);
  }

  /** The same, where the message says what was seen in the end. */
  static void until(Supplier<String> what, BooleanSupplier fact) {
    long deadline = System.nanoTime() + BOUND.toNanos();
    while (!fact.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("not within " + BOUND + ": " + what.get());
      }
      LockSupport.parkNanos(POLL.toNanos());
    }
  }
}
