package dev.handlermodels.loadtests.bench.row;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.HdrHistogram.Histogram;

/**
 * The arrivals of an open load, in their order. Arrival n was intended n / rate after the first.
 * The most punctual arrival counts as on time, so each one's lateness follows without a common
 * clock.
 *
 * @param perSecond the rate asked for
 */
public record Arrivals(int perSecond, List<Arrival> all) {
  /** Enough for every millisecond up to the longest time-out. */
  private static final int SIGNIFICANT_DIGITS = 5;

  /** How an arrival ended. */
  enum Outcome {
    OK,
    FAILED,
    UNFINISHED,
    NOT_SENT
  }

  /**
   * One line of arrivals.csv.
   *
   * @param endedAtMs 0 where it did not end
   */
  record Arrival(long startedAtMs, long endedAtMs, Outcome outcome) {
    boolean ended() {
      return outcome == Outcome.OK || outcome == Outcome.FAILED;
    }
  }

  /** Milliseconds between intended and actual start. */
  public record Lateness(long p50, long p99, long max) {}

  static Arrivals read(Path file, int perSecond) throws IOException {
    return new Arrivals(
        perSecond, Files.readAllLines(file).stream().skip(1).map(Arrivals::arrival).toList());
  }

  private static Arrival arrival(String line) {
    String[] parts = line.split(",");
    String outcome = parts[3].replace('-', '_').toUpperCase(java.util.Locale.ROOT);
    return new Arrival(
        Long.parseLong(parts[1]), Long.parseLong(parts[2]), Outcome.valueOf(outcome));
  }

  private double offsetMs(int arrival) {
    return arrival * 1000.0 / perSecond;
  }

  private double firstIntendedMs() {
    double first = Double.MAX_VALUE;
    for (int i = 0; i < all.size(); i++) {
      first = Math.min(first, all.get(i).startedAtMs() - offsetMs(i));
    }
    return first;
  }

  /** How late every arrival intended in {@code [fromMs, toMs)} was; null where there is none. */
  Lateness lateness(long fromMs, long toMs) {
    double first = firstIntendedMs();
    Histogram late = new Histogram(SIGNIFICANT_DIGITS);
    for (int i = 0; i < all.size(); i++) {
      double intended = first + offsetMs(i);
      if (intended >= fromMs && intended < toMs) {
        late.recordValue(Math.round(all.get(i).startedAtMs() - intended));
      }
    }
    return late.getTotalCount() == 0
        ? null
        : new Lateness(
            late.getValueAtPercentile(50), late.getValueAtPercentile(99), late.getMaxValue());
  }

  /** From the intended start to the end, of what ended in {@code [fromMs, toMs)}. */
  public WindowStats.Latency latency(long fromMs, long toMs) {
    double first = firstIntendedMs();
    Histogram latency = new Histogram(SIGNIFICANT_DIGITS);
    for (int i = 0; i < all.size(); i++) {
      Arrival arrival = all.get(i);
      if (arrival.ended() && arrival.endedAtMs() >= fromMs && arrival.endedAtMs() < toMs) {
        latency.recordValue(Math.max(0, Math.round(arrival.endedAtMs() - first - offsetMs(i))));
      }
    }
    return WindowStats.latency(latency);
  }

  /** Requests sent and not ended at that moment. */
  long inFlightAt(long atMs) {
    return all.stream()
        .filter(a -> a.outcome() != Outcome.NOT_SENT && a.startedAtMs() <= atMs)
        .filter(a -> !a.ended() || a.endedAtMs() > atMs)
        .count();
  }

  /** Arrivals of {@code [fromMs, toMs)} that sent nothing, because too many were in flight. */
  long notSent(long fromMs, long toMs) {
    return all.stream()
        .filter(a -> a.outcome() == Outcome.NOT_SENT)
        .filter(a -> a.startedAtMs() >= fromMs && a.startedAtMs() < toMs)
        .count();
  }

  /** Their statistics for the report. */
  public OpenLoadStats load(long fromMs, long toMs) {
    return new OpenLoadStats(
        perSecond,
        inFlightAt(fromMs),
        inFlightAt(toMs),
        notSent(fromMs, toMs),
        lateness(fromMs, toMs));
  }
}
