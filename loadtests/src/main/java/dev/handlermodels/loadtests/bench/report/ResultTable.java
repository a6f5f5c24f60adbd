package dev.handlermodels.loadtests.bench.report;

import dev.handlermodels.loadtests.bench.config.HandlerModel;
import dev.handlermodels.loadtests.bench.config.Servers;
import dev.handlermodels.loadtests.bench.evidence.Results;
import dev.handlermodels.loadtests.bench.evidence.RowResult;
import dev.handlermodels.loadtests.bench.evidence.RowSummary;
import dev.handlermodels.loadtests.bench.row.WindowStats;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import dev.handlermodels.loadtests.bench.stats.Spread;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The table, laid out as the original: a column for each row of the run. */
record ResultTable(List<Column> columns) {
  static final String ANSWERS = "Answers/s";

  static final List<String> LABELS =
      List.of(
          "Number of users",
          "Runtime",
          "Requests",
          "Failures",
          "Requests/s",
          "Failures/s",
          "Median response",
          "Threads spawned",
          "Average active threads",
          "Ceiling, answers/s",
          ANSWERS,
          "Share of ceiling",
          "p99 response");

  /**
   * One column.
   *
   * @param published whether these are FastAPI's figures, not measured here
   * @param original whether the original has such a row
   * @param state the verdict in a word or two; empty for published figures
   * @param cells in the order of {@link #LABELS}
   */
  record Column(
      String title,
      String subtitle,
      boolean published,
      boolean original,
      String state,
      List<String> cells) {}

  /** Several runs of a row are shown by their median and, where it matters, minimum and maximum. */
  static ResultTable of(Results results) {
    List<Column> columns = new ArrayList<>();
    for (RowSummary summary : results.summary()) {
      RowResult row = results.shown(summary);
      List<String> cells = new ArrayList<>(cells(row));
      if (summary.runs() > 1) {
        spread(cells, "Requests/s", summary.requestsPerSecond(), 1, "");
        spread(cells, "Median response", summary.p50Ms(), 0, " ms");
        spread(cells, "Answers/s", summary.successesPerSecond(), 1, "");
        spread(cells, "p99 response", summary.p99Ms(), 0, " ms");
      }
      List<PublishedFigures> beside = PublishedFigures.beside(row.id());
      columns.add(
          new Column(
              row.server(),
              row.endpoint() + mark(row),
              false,
              !beside.isEmpty(),
              state(row.verdict().summary()),
              cells));
      for (PublishedFigures published : beside) {
        columns.add(
            new Column("FastAPI, published", published.name(), true, true, "", cells(published)));
      }
    }
    return new ResultTable(columns);
  }

  /** {@code At its ceiling} of a summary that begins with it and a colon. */
  static String state(String summary) {
    int colon = summary.indexOf(':');
    return colon < 0 ? "" : summary.substring(0, colon);
  }

  private static void spread(
      List<String> cells, String label, Spread spread, int digits, String unit) {
    if (spread != null) {
      cells.set(LABELS.indexOf(label), spread.text(digits, unit));
    }
  }

  private static String mark(RowResult row) {
    return row.status().equals("complete") ? "" : " (" + row.status() + ")";
  }

  private static List<String> cells(RowResult row) {
    WindowStats.Latency latency = row.latencyMs();
    RowResult.Threads threads = row.threads();
    return List.of(
        row.open() == null
            ? Numbers.whole(row.users())
            : Numbers.whole(row.open().arrivalsPerSecond()) + "/s",
        unit(row.measuredSeconds(), 0, "s"),
        Numbers.whole(row.requests()),
        failures(row.failures(), row.requests()),
        Numbers.text(row.requestsPerSecond(), 1),
        Numbers.text(row.failuresPerSecond(), 1),
        unit(latency == null ? null : latency.p50(), 0, "ms"),
        threads(row),
        Numbers.whole(threads == null ? null : threads.averageActive()),
        Numbers.whole(row.ceilingPerSecond()),
        Numbers.text(row.successesPerSecond(), 1),
        row.shareOfCeiling() == null ? Numbers.NONE : Numbers.percent(row.shareOfCeiling()),
        unit(latency == null ? null : latency.p99(), 0, "ms"));
  }

  private static List<String> cells(PublishedFigures row) {
    return List.of(
        Numbers.whole(row.users()),
        unit(row.runtimeSeconds(), 0, "s"),
        Numbers.whole(row.requests()),
        failures((long) row.failures(), (long) row.requests()),
        Numbers.text(row.requestsPerSecond(), 1),
        Numbers.text(row.failuresPerSecond(), 1),
        unit(row.medianMs(), 0, "ms"),
        Numbers.whole(row.threads()),
        Numbers.whole(row.averageThreads()),
        Numbers.whole(row.ceilingPerSecond()) + " (ours)",
        Numbers.NONE,
        Numbers.NONE,
        Numbers.NONE);
  }

  /** Marks virtual threads, so that nobody reads 500 threads of the operating system. */
  private static String threads(RowResult row) {
    String handlers = Numbers.whole(row.threads() == null ? null : row.threads().handlers());
    return Servers.model(row.server()) == HandlerModel.VIRTUAL_THREADS && row.threads() != null
        ? handlers + " virtual"
        : handlers;
  }

  private static String failures(Long failures, Long requests) {
    if (failures == null || requests == null) {
      return Numbers.NONE;
    }
    double share = requests == 0 ? 0 : failures / (double) requests;
    return String.format(Locale.ROOT, "%s (%s)", Numbers.whole(failures), Numbers.percent(share));
  }

  private static String unit(Number value, int digits, String unit) {
    return value == null ? Numbers.NONE : Numbers.text(value, digits) + " " + unit;
  }
}
