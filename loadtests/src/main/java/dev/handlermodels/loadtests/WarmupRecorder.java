package dev.handlermodels.loadtests;

import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;

/** Fills the warm-up's windows while the load runs. One instance per run. */
final class WarmupRecorder {
  private final long rampMs;
  private final int windowSeconds;
  private final List<Histogram> windows = new ArrayList<>();

  /**
   * @param warmupSeconds the time that is divided; requests that end later are ignored
   */
  WarmupRecorder(int rampSeconds, int warmupSeconds, int windowSeconds) {
    rampMs = rampSeconds * 1000L;
    this.windowSeconds = windowSeconds;
    for (int i = 0; i < warmupSeconds / windowSeconds; i++) {
      windows.add(new Histogram(3));
    }
  }

  /**
   * @param elapsedMs since the first user's arrival
   */
  synchronized void ended(long elapsedMs, long latencyMs) {
    long window = Math.floorDiv(elapsedMs - rampMs, windowSeconds * 1000L);
    if (window >= 0 && window < windows.size()) {
      windows.get((int) window).recordValue(Math.max(0, latencyMs));
    }
  }

  /** The windows that have ended. */
  synchronized Warmup at(long elapsedMs) {
    long over = Math.floorDiv(elapsedMs - rampMs, windowSeconds * 1000L);
    return new Warmup(
        windowSeconds,
        windows.stream().limit(Math.max(0, over)).map(WarmupRecorder::window).toList());
  }

  private static Warmup.Window window(Histogram histogram) {
    long ended = histogram.getTotalCount();
    return new Warmup.Window(ended, ended == 0 ? null : histogram.getValueAtPercentile(50));
  }
}
