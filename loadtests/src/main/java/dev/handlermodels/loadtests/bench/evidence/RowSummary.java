package dev.handlermodels.loadtests.bench.evidence;

import dev.handlermodels.loadtests.bench.row.WindowStats;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import dev.handlermodels.loadtests.bench.stats.Spread;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * All runs of one row. Only complete ones count; where there is none, the figures are null.
 *
 * @param runs complete ones
 * @param medianRepeat the run that stands for the row: that with the median of successes
 */
public record RowSummary(
    String id,
    int runs,
    int medianRepeat,
    Spread requestsPerSecond,
    Spread successesPerSecond,
    Spread p50Ms,
    Spread p99Ms,
    Verdict noisy) {

  /** Runs further apart than this share of their median are noisy. */
  static final double NOISY_SHARE = 0.05;

  /** In the order in which the rows first appear. */
  public static List<RowSummary> of(List<RowResult> rows) {
    Map<String, List<RowResult>> byId = new LinkedHashMap<>();
    rows.forEach(row -> byId.computeIfAbsent(row.id(), _ -> new ArrayList<>()).add(row));
    return byId.values().stream().map(RowSummary::ofOne).toList();
  }

  private static RowSummary ofOne(List<RowResult> all) {
    List<RowResult> runs = all.stream().filter(row -> row.status().equals("complete")).toList();
    List<WindowStats.Latency> latencies =
        runs.stream().map(RowResult::latencyMs).filter(latency -> latency != null).toList();
    Spread successes = Spread.of(runs.stream().map(RowResult::successesPerSecond).toList(), true);
    return new RowSummary(
        all.getFirst().id(),
        runs.size(),
        runs.stream()
            .filter(row -> row.successesPerSecond() == successes.median())
            .findFirst()
            .orElse(all.getFirst())
            .repeat(),
        Spread.of(runs.stream().map(RowResult::requestsPerSecond).toList(), true),
        successes,
        Spread.of(latencies.stream().map(WindowStats.Latency::p50).toList(), false),
        Spread.of(latencies.stream().map(WindowStats.Latency::p99).toList(), false),
        noisy(runs.size(), successes));
  }

  public static Verdict noisy(int runs, Spread successes) {
    if (runs < 2) {
      return new Verdict(
          false, "Unknown: fewer than two complete runs say nothing about the spread.");
    }
    boolean fires = successes.share() > NOISY_SHARE;
    return new Verdict(
        fires,
        String.format(
            Locale.ROOT,
            "%s: %d runs gave %s to %s answers/s, with a median of %s.",
            fires ? "Noisy" : "Not noisy",
            runs,
            Numbers.text(successes.min(), 1),
            Numbers.text(successes.max(), 1),
            Numbers.text(successes.median(), 1)));
  }
}
