package dev.handlermodels.api.wire;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;

/**
 * How often one thread looks into the {@link ConnectionTable}. A look at thousands of connections
 * takes tens of milliseconds of a processor, so looks get rarer then: together they cost at most 2
 * % of one core, unless the longest pause is over.
 */
final class LookPace {
  private static final int PART_OF_A_CORE = 50;
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private final long minPauseNanos;
  private final long maxPauseNanos;
  private long startCpuNanos;

  LookPace(long minPauseNanos, long maxPauseNanos) {
    this.minPauseNanos = minPauseNanos;
    this.maxPauseNanos = maxPauseNanos;
  }

  /** The calling thread begins to look. */
  void begins() {
    startCpuNanos = THREADS.getCurrentThreadCpuTime();
  }

  /** The same thread has looked; returns how long it should wait now. */
  long pauseNanos() {
    return pauseNanos(THREADS.getCurrentThreadCpuTime() - startCpuNanos);
  }

  /** The pause after a look that has cost so much of a processor. */
  long pauseNanos(long cpuNanos) {
    return Math.clamp(cpuNanos * PART_OF_A_CORE, minPauseNanos, maxPauseNanos);
  }
}
