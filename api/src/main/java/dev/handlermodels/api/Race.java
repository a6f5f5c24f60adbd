package dev.handlermodels.api;

import java.util.Collections;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;

/**
 * A counter that many tasks raise by one, each in three steps: read, suspend, write. Whoever reads
 * while another is suspended writes over what that one adds: its update is lost. That needs no
 * second thread, only a suspension between reading and writing.
 */
public final class Race {
  /** How long a task is suspended between reading and writing. */
  public static final int SUSPEND_MS = 1;

  /** Threads of a pool that run the tasks of one race, where not each gets a thread of its own. */
  public static final int POOL_THREADS = 8;

  private final int tasks;
  private final boolean safe;
  private final ReentrantLock lock = new ReentrantLock();
  private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
  private volatile int counted; // volatile, so that nothing is lost for want of visibility

  Race(int tasks, boolean safe) {
    this.tasks = tasks;
    this.safe = safe;
  }

  public int tasks() {
    return tasks;
  }

  /** Whether only one task at a time may be between its reading and its writing. */
  public boolean safe() {
    return safe;
  }

  /** The first step of a task. */
  public int read() {
    threads.add(Thread.currentThread());
    return counted;
  }

  /** The last step of a task. */
  public void write(int value) {
    counted = value;
  }

  /**
   * Runs all tasks on these threads and returns when they are done.
   *
   * @param around what is done before and after each task, on its thread
   * @throws InterruptedException where the calling thread is interrupted, which ends the tasks
   */
  public void runOn(ExecutorService executor, UnaryOperator<Callable<Void>> around)
      throws InterruptedException {
    Callable<Void> task = around.apply(this::raise);
    executor.invokeAll(Collections.nCopies(tasks, task)).forEach(Future::resultNow);
  }

  private Void raise() throws InterruptedException {
    if (safe) {
      lock.lockInterruptibly();
    }
    try {
      int seen = read();
      Thread.sleep(SUSPEND_MS);
      write(seen + 1);
      return null;
    } finally {
      if (safe) {
        lock.unlock();
      }
    }
  }

  public int counted() {
    return counted;
  }

  /** The threads that ran tasks. */
  public int threads() {
    return threads.size();
  }
}
