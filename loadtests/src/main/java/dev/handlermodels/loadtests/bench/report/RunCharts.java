package dev.handlermodels.loadtests.bench.report;

import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.evidence.Results;
import dev.handlermodels.loadtests.bench.evidence.RowResult;
import dev.handlermodels.loadtests.bench.evidence.RowSummary;
import dev.handlermodels.loadtests.bench.report.charts.ChartData;
import dev.handlermodels.loadtests.bench.report.charts.ChartData.Bar;
import dev.handlermodels.loadtests.bench.report.charts.ChartData.Latency;
import dev.handlermodels.loadtests.bench.servers.RowRole;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import dev.handlermodels.loadtests.bench.stats.Spread;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What of a run becomes charts: the figures of its table, and its blocked loop over time. */
final class RunCharts {
  private static final List<RowRole> BLOCKED_LOOP =
      List.of(RowRole.BLOCKED_LOOP, RowRole.OFFLOADED_CALL, RowRole.HARMLESS_CALL);
  private static final int DATE_CHARS = 10;

  private RunCharts() {}

  static ChartData of(Results results, List<RowTimeSeries> series) {
    return new ChartData(
        caption(results),
        results.summary().stream().map(summary -> bar(results, summary)).toList(),
        latencies(results, series));
  }

  /** The anti-pattern first; nothing where the run has no anti-pattern. */
  private static List<Latency> latencies(Results results, List<RowTimeSeries> series) {
    List<Latency> latencies = new ArrayList<>();
    for (RowRole role : BLOCKED_LOOP) {
      for (RowResult row : results.shown(role)) {
        series.stream()
            .filter(one -> one.id().equals(row.id()))
            .forEach(one -> latencies.add(latency(results, row, one)));
      }
    }
    return results.shown(RowRole.BLOCKED_LOOP).isEmpty() ? List.of() : latencies;
  }

  private static Latency latency(Results results, RowResult row, RowTimeSeries series) {
    List<Double> seconds = new ArrayList<>();
    List<Double> p50Ms = new ArrayList<>();
    for (int second = 0; second < series.p50().size(); second++) {
      Long ms = series.p50().get(second);
      seconds.add(second + 0.5);
      p50Ms.add(ms == null ? null : Double.valueOf(ms));
    }
    return new Latency(row.server() + " " + row.endpoint(), results.model(row), seconds, p50Ms);
  }

  private static Bar bar(Results results, RowSummary summary) {
    RowResult row = results.shown(summary);
    return new Bar(
        row.server() + " " + row.endpoint(),
        results.model(row),
        median(summary.successesPerSecond(), row.successesPerSecond()),
        row.ceilingPerSecond(),
        median(summary.p50Ms(), row.latencyMs() == null ? null : row.latencyMs().p50()),
        median(summary.p99Ms(), row.latencyMs() == null ? null : row.latencyMs().p99()));
  }

  /** A row without a complete run has no spread, but may have figures of a part. */
  private static Double median(Spread spread, Number ofThisRun) {
    return spread != null
        ? Double.valueOf(spread.median())
        : ofThisRun == null ? null : Double.valueOf(ofThisRun.doubleValue());
  }

  private static String caption(Results results) {
    Machine machine = results.machine();
    return String.format(
        Locale.ROOT,
        "%s, upstream wait %s ms, %d s measured. %s, %d cores (%s), commit %s.",
        results.settings().load(),
        Numbers.whole(results.settings().waitMs()),
        results.settings().durationSeconds(),
        results.startedAt().substring(0, Math.min(DATE_CHARS, results.startedAt().length())),
        machine.cores(),
        machine.cpu(),
        machine.commit() == null ? "unknown" : machine.commit());
  }
}
