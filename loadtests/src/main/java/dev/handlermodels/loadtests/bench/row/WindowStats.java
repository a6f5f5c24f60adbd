package dev.handlermodels.loadtests.bench.row;

import dev.handlermodels.loadtests.bench.row.GatlingLog.Response;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;

/**
 * What the clients saw in the measured window. A request belongs to the window in which it ended.
 *
 * @param seconds length of the window
 * @param requests all that ended, successes and failures
 * @param latencyMs of all requests, failures included; null where nothing ended
 */
public record WindowStats(
    double seconds,
    long requests,
    long failures,
    Map<String, Long> failuresByKind,
    Latency latencyMs) {

  /** Enough for every millisecond up to the longest time-out. */
  private static final int SIGNIFICANT_DIGITS = 5;

  /** Response times in milliseconds. */
  public record Latency(long p50, long p95, long p99, long max, double mean) {}

  /** Counts what ended in {@code [fromMs, toMs)}. */
  public static WindowStats of(List<Response> responses, long fromMs, long toMs) {
    Histogram histogram = new Histogram(SIGNIFICANT_DIGITS);
    Map<String, Long> kinds = new TreeMap<>();
    for (Response response : responses) {
      if (response.endMs() >= fromMs && response.endMs() < toMs) {
        histogram.recordValue(Math.max(0, response.latencyMs()));
        if (!response.ok()) {
          kinds.merge(FailureKind.of(response.message()), 1L, Long::sum);
        }
      }
    }
    long failures = kinds.values().stream().mapToLong(Long::longValue).sum();
    return new WindowStats(
        (toMs - fromMs) / 1000.0, histogram.getTotalCount(), failures, kinds, latency(histogram));
  }

  /** The same with latencies from the intended start, in place of those from the actual one. */
  public WindowStats withLatency(Latency intended) {
    return new WindowStats(seconds, requests, failures, failuresByKind, intended);
  }

  static Latency latency(Histogram histogram) {
    if (histogram.getTotalCount() == 0) {
      return null;
    }
    return new Latency(
        histogram.getValueAtPercentile(50),
        histogram.getValueAtPercentile(95),
        histogram.getValueAtPercentile(99),
        histogram.getMaxValue(),
        Numbers.round(histogram.getMean(), 1));
  }

  public long successes() {
    return requests - failures;
  }

  public double perSecond(long count) {
    return count / seconds;
  }
}
