package dev.handlermodels.upstream;

import dev.handlermodels.api.admission.Cancellation;
import java.util.concurrent.Executor;
import java.util.concurrent.Phaser;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.function.Predicate;

/**
 * Calls that run at once for one request: structured concurrency for models whose threads may wait.
 * None outlives the scope, which closes when all have ended; when the request is no longer wanted,
 * or the scope is cancelled on its own, those that run are broken off.
 */
final class Scope implements AutoCloseable {
  private final Cancellation own;
  private final Cancellation.Registration tie;
  private final Executor threads;
  private final Predicate<Runnable> takeBack;
  private final Phaser running = new Phaser(1);

  private Scope(Cancellation request, Executor threads, Predicate<Runnable> takeBack) {
    this.own = new Cancellation(request.span());
    this.threads = threads;
    this.takeBack = takeBack;
    this.tie = request.onCancel(() -> own.cancel(request.why()));
  }

  static Scope ofVirtualThreads(Cancellation request) {
    return new Scope(request, task -> Thread.ofVirtual().name("call").start(task), _ -> false);
  }

  static Scope ofWorkers(Cancellation request, ThreadPoolExecutor workers) {
    return new Scope(request, workers, workers::remove);
  }

  /** What the calls of this scope have to heed: they end soon after it is cancelled. */
  Cancellation cancellation() {
    return own;
  }

  /**
   * Starts a task on another thread. Where the workers' queue is full it runs on this one, which
   * slows down him who asks for more.
   */
  void fork(Runnable work) {
    Task task = new Task(work);
    try {
      threads.execute(task);
    } catch (RejectedExecutionException _) {
      task.run();
    }
    if (own.isCancelled()) {
      task.leaveQueue();
    }
  }

  private final class Task implements Runnable {
    private final Runnable work;
    private final Cancellation.Registration queued;

    Task(Runnable work) {
      this.work = work;
      running.register();
      this.queued = own.onCancel(this::leaveQueue);
    }

    @Override
    public void run() {
      try (queued) {
        work.run();
      } finally {
        running.arriveAndDeregister();
      }
    }

    /** Nobody has to wait for a thread in order to be told that the work is not wanted. */
    private void leaveQueue() {
      if (takeBack.test(this)) {
        run();
      }
    }
  }

  /**
   * Waits for all tasks.
   *
   * @throws RuntimeException the reason, where the scope was cancelled
   */
  void join() {
    awaitAll();
    own.throwIfCancelled();
  }

  /** Waits for all tasks, those too that were broken off. */
  void awaitAll() {
    running.awaitAdvance(running.arrive());
  }

  /** Breaks off what still runs, and waits until it has ended. */
  @Override
  public void close() {
    own.cancel(new IllegalStateException("the scope is closed"));
    tie.close();
    awaitAll();
  }
}
