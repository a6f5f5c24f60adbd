package dev.handlermodels.api.admission;

import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A fixed pool whose queue is bounded in time as well: a task that would wait too long for a thread
 * is rejected at once, by its submitter, and costs no thread of the pool.
 *
 * <p>The wait is that of Little's law: tasks in the queue × time of a task ÷ threads. A task takes
 * what tasks took lately, and at least the time for which none has begun while all threads are
 * busy: a pool that stands still has no history to go by.
 */
final class DelayBoundedPool extends FixedPool {
  /** The weight of one task in the mean of the latest. */
  private static final int SMOOTHING = 16;

  private static final TooSlowException TOO_SLOW = new TooSlowException();

  private final long maxQueueNanos;
  private final AtomicInteger busy = new AtomicInteger();
  private final ThreadLocal<long[]> begun = ThreadLocal.withInitial(() -> new long[1]);

  /** Written by all threads without a lock: a task that is lost from a mean does no harm. */
  private volatile long meanNanos;

  private volatile long lastBegunNanos;

  DelayBoundedPool(int threads, int queueSize, int maxQueueMs, ThreadFactory factory) {
    super(threads, queueSize, factory);
    this.maxQueueNanos = TimeUnit.MILLISECONDS.toNanos(maxQueueMs);
  }

  /**
   * @throws RejectedExecutionException where the queue is full, or would keep the task too long
   */
  @Override
  public void execute(Runnable task) {
    if (waitNanos() > maxQueueNanos) {
      throw TOO_SLOW;
    }
    super.execute(task);
  }

  /** A wait that would be longer than MAX_QUEUE_MS. */
  static final class TooSlowException extends RejectedExecutionException {
    private static final long serialVersionUID = 1L;

    private TooSlowException() {
      super("the wait for a thread is too long");
    }

    /** One for all, and nobody looks where it came from. */
    @Override
    public synchronized Throwable fillInStackTrace() {
      return this;
    }
  }

  private double waitNanos() {
    int threads = getMaximumPoolSize();
    if (busy.get() < threads) {
      return 0;
    }
    long taskNanos = Math.max(meanNanos, System.nanoTime() - lastBegunNanos);
    return (double) getQueue().size() * taskNanos / threads;
  }

  @Override
  protected void beforeExecute(Thread thread, Runnable task) {
    long now = System.nanoTime();
    begun.get()[0] = now;
    lastBegunNanos = now;
    busy.incrementAndGet();
  }

  @Override
  protected void afterExecute(Runnable task, Throwable thrown) {
    busy.decrementAndGet();
    long tookNanos = System.nanoTime() - begun.get()[0];
    long mean = meanNanos;
    meanNanos = mean == 0 ? tookNanos : mean + (tookNanos - mean) / SMOOTHING;
  }
}
