package dev.handlermodels.api.work;

import dev.handlermodels.api.admission.Cancellation;
import dev.handlermodels.api.telemetry.ThreadCensus;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.function.Supplier;

/**
 * The workers: platform threads behind a bounded queue, to which blocking work is handed. The
 * ceiling of what they do is WORKERS / the time that it takes. The same in all three servers, which
 * differ in who hands it over.
 */
public final class WorkerPool implements AutoCloseable {
  private final ThreadPoolExecutor threads;
  private final ThreadCensus census;

  public WorkerPool(ThreadPoolExecutor threads, ThreadCensus census) {
    this.threads = threads;
    this.census = census;
  }

  /** The pool itself, for work that is handed over in parts. */
  public ThreadPoolExecutor threads() {
    return threads;
  }

  /**
   * Does the work on a worker.
   *
   * @throws java.util.concurrent.RejectedExecutionException where all workers are busy and
   *     QUEUE_SIZE calls wait already
   */
  public <T> CompletableFuture<T> submit(Cancellation cancellation, Supplier<T> work) {
    CompletableFuture<T> result = new CompletableFuture<>();
    Runnable task = () -> run(work, result);
    threads.execute(task);
    var registration = cancellation.onCancel(() -> leaveQueue(task, cancellation, result));
    result.whenComplete((_, _) -> registration.close());
    return result;
  }

  /** The same for a caller that may wait: two threads stand still for one piece of work. */
  public <T> T await(Cancellation cancellation, Supplier<T> work) {
    try {
      return submit(cancellation, work).join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  private <T> void run(Supplier<T> work, CompletableFuture<T> result) {
    try {
      result.complete(counted(work)); // when this thread has left the census
    } catch (RuntimeException e) {
      result.completeExceptionally(e);
    }
  }

  private <T> T counted(Supplier<T> work) {
    try (var _ = census.enter()) {
      return work.get();
    }
  }

  /** Work that no worker has begun never will be; what runs ends by itself. */
  private void leaveQueue(Runnable task, Cancellation why, CompletableFuture<?> result) {
    if (threads.remove(task)) {
      result.completeExceptionally(why.why());
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
