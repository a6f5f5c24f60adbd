package dev.handlermodels.api.admission;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * A fixed pool behind a bounded queue. Where the machine starts no further thread, the pool goes on
 * with those that it has, and further tasks queue for them.
 */
class FixedPool extends ThreadPoolExecutor {
  private static final Logger LOG = Logger.getLogger(FixedPool.class.getName());
  private static final int KEEP_ALIVE_SECONDS = 60;

  FixedPool(int threads, int queueSize, ThreadFactory factory) {
    super(
        threads,
        threads,
        KEEP_ALIVE_SECONDS,
        TimeUnit.SECONDS,
        new ArrayBlockingQueue<>(queueSize),
        factory);
  }

  /**
   * @throws RejectedExecutionException where the queue is full, or there is no thread at all
   */
  @Override
  public void execute(Runnable task) {
    try {
      super.execute(task);
    } catch (OutOfMemoryError noThread) { // the heap has not run out: that ends the process
      goOnWithoutFurtherThreads(noThread);
      super.execute(task);
    }
  }

  private synchronized void goOnWithoutFurtherThreads(OutOfMemoryError noThread) {
    int have = getPoolSize();
    if (have == 0) {
      throw new RejectedExecutionException("the machine starts no thread", noThread);
    }
    int wanted = getMaximumPoolSize();
    if (have < wanted) {
      setCorePoolSize(have);
      setMaximumPoolSize(have);
      LOG.log(
          Level.WARNING,
          "The machine starts no further thread, so a pool of {0} goes on with {1}: {2}",
          new Object[] {wanted, have, noThread.getMessage()});
    }
  }
}
