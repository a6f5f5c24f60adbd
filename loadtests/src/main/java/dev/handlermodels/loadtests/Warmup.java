package dev.handlermodels.loadtests;

import java.util.List;

/**
 * The windows of equal length into which the time after the ramp is divided, and whether the load
 * had settled in them.
 *
 * @param windowSeconds length of each
 * @param windows those that are over, the oldest first
 */
public record Warmup(int windowSeconds, List<Window> windows) {
  /** Two windows that differ by less than this share count as equal. */
  public static final double TOLERANCE = 0.05;

  /** With fewer requests than this, the tolerance is less than one request. */
  private static final long ENOUGH = 20;

  /** Response times are known in whole milliseconds, so a difference of one counts as equal. */
  private static final long CLOCK_MS = 1;

  /**
   * One stretch.
   *
   * @param ended requests that ended in it, failures included
   * @param p50Ms their median; null where none ended
   */
  public record Window(long ended, Long p50Ms) {}

  /** Whether the last two windows agree in throughput and median. */
  public boolean settled() {
    if (windows.size() < 2) {
      return false;
    }
    Window before = windows.get(windows.size() - 2);
    Window last = windows.getLast();
    return Math.min(before.ended(), last.ended()) >= ENOUGH
        && equal(before.ended(), last.ended())
        && (equal(before.p50Ms(), last.p50Ms())
            || Math.abs(before.p50Ms() - last.p50Ms()) <= CLOCK_MS);
  }

  private static boolean equal(long a, long b) {
    return Math.abs(a - b) < TOLERANCE * Math.max(a, b);
  }
}
