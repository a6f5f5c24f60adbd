package dev.handlermodels.loadtests.bench.report;

import dev.handlermodels.loadtests.bench.evidence.Results;
import dev.handlermodels.loadtests.bench.evidence.RowResult;
import dev.handlermodels.loadtests.bench.evidence.RowSummary;
import dev.handlermodels.loadtests.bench.row.WindowStats;
import dev.handlermodels.loadtests.bench.servers.HandlerModel;
import dev.handlermodels.loadtests.bench.servers.PublishedFigures;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import dev.handlermodels.loadtests.bench.stats.Spread;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The table, laid out as the original: a column for each row of the run. */
record ResultTable(List<Column> columns) {
  static final String ANSWERS = "Answers/s";
  private static final String NEVER_SERVED = "Users never served";
  private static final String FROZEN = "Frozen";

  static final List<String> LABELS =
      List.of(
          "Number of users",
          "Runtime",
          "Requests",
          "Failures",
          "Requests/s",
          "Failures/s",
          "Median response",
          NEVER_SERVED,
          FROZEN,
          "Threads spawned",
          "Average active threads",
          "Ceiling, answers/s",
          ANSWERS,
          "Share of ceiling",
          "p99 response");

  /**
   * One column.
   *
   * @param published whether these are figures that somebody else published
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
      List<String> cells = new ArrayList<>(cells(row, results.model(row)));
      if (summary.runs() > 1) {
        spread(cells, "Requests/s", summary.requestsPerSecond(), 1, "");
        spread(cells, "Median response", summary.p50Ms(), 0, " ms");
        spread(cells, "Answers/s", summary.successesPerSecond(), 1, "");
        spread(cells, "p99 response", summary.p99Ms(), 0, " ms");
      }
      PublishedFigures published = results.row(row.id()).published();
      columns.add(
          new Column(
              row.server(),
              row.endpoint() + mark(row),
              false,
              published != null,
              state(row.verdict().summary()),
              cells));
      if (published != null) {
        String title = published.by() + ", published";
        columns.add(new Column(title, published.name(), true, true, "", cells(published)));
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

  private static List<String> cells(RowResult row, HandlerModel model) {
    WindowStats.Latency latency = row.latencyMs();
    RowResult.Threads threads = row.threads();
    return List.of(
        row.open() == null
            ? Numbers.whole(row.users())
            : Numbers.whole(row.open().arrivalsPerSecond()) + "/s",
        Numbers.unit(row.measuredSeconds(), 0, "s"),
        Numbers.whole(row.requests()),
        failures(row.failures(), row.requests()),
        Numbers.text(row.requestsPerSecond(), 1),
        Numbers.text(row.failuresPerSecond(), 1),
        Numbers.unit(latency == null ? null : latency.p50(), 0, "ms"),
        Numbers.whole(row.usersNeverServed()),
        frozen(row),
        threads(row, model),
        Numbers.whole(threads == null ? null : threads.averageActive()),
        Numbers.whole(row.ceilingPerSecond()),
        Numbers.text(row.successesPerSecond(), 1),
        row.shareOfCeiling() == null ? Numbers.NONE : Numbers.percent(row.shareOfCeiling()),
        Numbers.unit(latency == null ? null : latency.p99(), 0, "ms"));
  }

  private static List<String> cells(PublishedFigures row) {
    return List.of(
        Numbers.whole(row.users()),
        Numbers.unit(row.runtimeSeconds(), 0, "s"),
        Numbers.whole(row.requests()),
        failures((long) row.failures(), (long) row.requests()),
        Numbers.text(row.requestsPerSecond(), 1),
        Numbers.text(row.failuresPerSecond(), 1),
        Numbers.unit(row.medianMs(), 0, "ms"),
        Numbers.NONE,
        Numbers.NONE,
        Numbers.whole(row.threads()),
        Numbers.whole(row.averageThreads()),
        Numbers.whole(row.ceilingPerSecond()) + " (ours)",
        Numbers.NONE,
        Numbers.NONE,
        Numbers.NONE);
  }

  /** Marks virtual threads, so that nobody reads 500 threads of the operating system. */
  private static String threads(RowResult row, HandlerModel model) {
    String handlers = Numbers.whole(row.threads() == null ? null : row.threads().handlers());
    return model == HandlerModel.VIRTUAL_THREADS && row.threads() != null
        ? handlers + " virtual"
        : handlers;
  }

  /** {@code yes, 9 of 9}: health checks on the main listener without an answer. */
  private static String frozen(RowResult row) {
    if (row.proof() == null) {
      return Numbers.NONE;
    }
    return row.verdict().frozen().fires()
        ? String.format(
            Locale.ROOT,
            "yes, %s of %s checks",
            Numbers.whole(row.proof().unanswered()),
            Numbers.whole(row.proof().probes()))
        : "no";
  }

  private static String failures(Long failures, Long requests) {
    if (failures == null || requests == null) {
      return Numbers.NONE;
    }
    double share = requests == 0 ? 0 : failures / (double) requests;
    return String.format(Locale.ROOT, "%s (%s)", Numbers.whole(failures), Numbers.percent(share));
  }
}
