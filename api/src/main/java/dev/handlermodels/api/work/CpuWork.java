package dev.handlermodels.api.work;

import dev.handlermodels.api.Results;
import dev.handlermodels.api.telemetry.ThreadCensus;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadPoolExecutor;

/**
 * Work for a processor, on the caller's thread or on a CPU worker: the same in all three servers,
 * which differ in who the caller is.
 */
public final class CpuWork implements AutoCloseable {
  private static final double NANOS_PER_MS = 1e6;

  private final ThreadCensus census;
  private final ThreadPoolExecutor workers;

  public CpuWork(ThreadPoolExecutor workers, ThreadCensus census) {
    this.workers = workers;
    this.census = census;
  }

  /**
   * What came of it.
   *
   * @param computedIn the thread that computed
   */
  public record Done(Results.Computed computed, Thread computedIn) {}

  /**
   * Computes on the calling thread, whatever kind of thread that is.
   *
   * @throws CompletionException where the thread was interrupted
   */
  public Done inline(int work) {
    long startNanos = System.nanoTime();
    try {
      String hash = HashChain.run(work);
      double tookMs = (System.nanoTime() - startNanos) / NANOS_PER_MS;
      return new Done(new Results.Computed(hash, tookMs), Thread.currentThread());
    } catch (InterruptedException e) {
      throw new CompletionException(e);
    }
  }

  /**
   * Computes on a CPU worker. As many of them as there are processors keep these busy; more would
   * only take turns.
   *
   * @throws java.util.concurrent.RejectedExecutionException where all of them are busy and
   *     QUEUE_SIZE tasks wait already
   */
  public CompletableFuture<Done> offloaded(int work) {
    return CompletableFuture.supplyAsync(() -> onWorker(work), workers);
  }

  private Done onWorker(int work) {
    try (var _ = census.enter()) {
      return inline(work);
    }
  }

  @Override
  public void close() {
    workers.shutdownNow();
  }
}
