package dev.handlermodels.api.admission;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;

/**
 * Fixed pools of platform threads behind a bounded queue: full means {@code
 * RejectedExecutionException}, which becomes a 503.
 */
public final class Workers {
  private Workers() {}

  /**
   * @param name of the threads, which are numbered
   * @param queueSize tasks that wait for a free thread
   */
  public static ThreadPoolExecutor bounded(String name, int threads, int queueSize) {
    return new FixedPool(threads, queueSize, factory(name));
  }

  /**
   * The same, and a task that would wait longer for a thread is rejected, too.
   *
   * @param maxQueueMs 0 for as long as it takes
   */
  public static ThreadPoolExecutor bounded(
      String name, int threads, int queueSize, int maxQueueMs) {
    return maxQueueMs == 0
        ? bounded(name, threads, queueSize)
        : new DelayBoundedPool(threads, queueSize, maxQueueMs, factory(name));
  }

  private static ThreadFactory factory(String name) {
    return Thread.ofPlatform().daemon().name(name + "-", 0).factory();
  }
}
