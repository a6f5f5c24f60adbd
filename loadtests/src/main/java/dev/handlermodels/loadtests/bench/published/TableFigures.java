package dev.handlermodels.loadtests.bench.published;

import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.evidence.Results;
import dev.handlermodels.loadtests.bench.evidence.RowResult;
import dev.handlermodels.loadtests.bench.evidence.RowSummary;
import dev.handlermodels.loadtests.bench.published.PublishedRuns.Run;
import dev.handlermodels.loadtests.bench.report.charts.ChartFiles;
import dev.handlermodels.loadtests.bench.row.WindowStats;
import dev.handlermodels.loadtests.bench.servers.HandlerModel;
import dev.handlermodels.loadtests.bench.servers.PublishedFigures;
import dev.handlermodels.loadtests.bench.servers.Row;
import dev.handlermodels.loadtests.bench.servers.RowRole;
import dev.handlermodels.loadtests.bench.servers.Servers;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import dev.handlermodels.loadtests.bench.stats.Spread;
import dev.handlermodels.loadtests.load.Json;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** What documents show of a committed run of the table. */
final class TableFigures {
  private final Run run;
  private final Results results;

  /** The run's folder as the document sees it. */
  private final String folder;

  private TableFigures(Run run, String folder) throws IOException {
    this.run = run;
    this.folder = folder;
    this.results = Json.read(PublishedRuns.results(run.folder()), Results.class);
  }

  /** The chart, and the rows of the original beside FastAPI's. */
  static String original(Run run, String folder) throws IOException {
    return new TableFigures(run, folder).original();
  }

  /** What an answer cost on each server. */
  static String cost(Run run, String folder) throws IOException {
    return new TableFigures(run, folder).cost();
  }

  private String original() {
    StringBuilder text = new StringBuilder(PublishedRun.picture(ChartFiles.ANSWERS, folder));
    text.append(
        """

        The three rows of [fastapi-benchmark](https://github.com/Minibrams/fastapi-benchmark), measured here and as published,
        and virtual threads, which it does not have:

        | | answers/s | ceiling | median response | threads | requests/s | of them failed |
        |---|--:|--:|--:|--:|--:|--:|
        """);
    for (RowSummary summary : results.summary()) {
      Row row = results.row(summary.id());
      if (row.published() != null || isVirtualThreads(row)) {
        text.append(ours(summary));
      }
      if (row.published() != null) {
        text.append(theirs(row.published()));
      }
    }
    return text.append('\n').append(conditions()).toString();
  }

  private String ours(RowSummary summary) {
    RowResult row = results.shown(summary);
    return line(
        String.format(Locale.ROOT, "**%s**: `%s %s`", model(row), row.server(), row.endpoint()),
        spread(summary, RowResult::successesPerSecond, 1, ""),
        Numbers.whole(row.ceilingPerSecond()),
        spread(summary, one -> latency(one, WindowStats.Latency::p50), 0, " ms"),
        Numbers.whole(row.threads() == null ? null : row.threads().handlers()),
        spread(summary, RowResult::requestsPerSecond, 1, ""),
        failed(row.failures(), row.requests()));
  }

  private static String theirs(PublishedFigures row) {
    return line(
        String.format(Locale.ROOT, "*%s, published: %s*", row.by(), row.name()),
        Numbers.text(row.requestsPerSecond() - row.failuresPerSecond(), 1),
        Numbers.whole(row.ceilingPerSecond()),
        Numbers.whole(row.medianMs()) + " ms",
        Numbers.whole(row.threads()),
        Numbers.text(row.requestsPerSecond(), 1),
        failed((long) row.failures(), (long) row.requests()));
  }

  private String model(RowResult row) {
    return results.row(row.id()).role() == RowRole.BLOCKED_LOOP
        ? "blocked event loop"
        : results.model(row).label;
  }

  /** The model that the original does not have, in its right way. */
  private boolean isVirtualThreads(Row row) {
    return row.role() == RowRole.RIGHT_WAY
        && Servers.get(row.server(), results.servers()).handlerModel()
            == HandlerModel.VIRTUAL_THREADS;
  }

  private static String failed(Long failures, Long requests) {
    return failures == null || requests == null || requests == 0
        ? Numbers.NONE
        : Numbers.percent(failures / (double) requests);
  }

  private String cost() {
    StringBuilder text =
        new StringBuilder(
            """
            | | answers/s | of its ceiling | p99 | CPU of the server for an answer | peak memory | ready after |
            |---|--:|--:|--:|--:|--:|--:|
            """);
    for (RowSummary summary : results.summary()) {
      RowResult row = results.shown(summary);
      text.append(
          line(
              String.format(Locale.ROOT, "`%s %s`", row.server(), row.endpoint()),
              spread(summary, RowResult::successesPerSecond, 1, ""),
              row.shareOfCeiling() == null ? Numbers.NONE : Numbers.percent(row.shareOfCeiling()),
              spread(summary, one -> latency(one, WindowStats.Latency::p99), 0, " ms"),
              spread(summary, TableFigures::cpuMsPerAnswer, 2, " ms"),
              spread(summary, RowResult::rssPeakMiB, 0, " MiB"),
              spread(summary, RowResult::startupMs, 0, " ms")));
    }
    return text.append('\n').append(conditions()).toString();
  }

  private static Double cpuMsPerAnswer(RowResult row) {
    double answers =
        row.requests() == null || row.failures() == null ? 0 : row.requests() - row.failures();
    return row.cpuSeconds() == null || answers == 0
        ? null
        : Double.valueOf(row.cpuSeconds().server() * 1000 / answers);
  }

  private static Number latency(RowResult row, Function<WindowStats.Latency, Number> figure) {
    return row.latencyMs() == null ? null : figure.apply(row.latencyMs());
  }

  /** The median of the complete runs and, of several, minimum and maximum. */
  private String spread(
      RowSummary summary, Function<RowResult, Number> figure, int digits, String unit) {
    List<Number> values =
        results.rows().stream()
            .filter(row -> row.id().equals(summary.id()) && row.status().equals("complete"))
            .map(figure)
            .filter(value -> value != null)
            .toList();
    return values.isEmpty()
        ? Numbers.NONE
        : values.size() == 1
            ? Numbers.text(values.getFirst(), digits) + unit
            : Spread.of(values, false).text(digits, unit);
  }

  private String conditions() {
    Settings settings = results.settings();
    long warned = PublishedRun.rowsWithWarnings(run.results());
    int runs = results.summary().stream().mapToInt(RowSummary::runs).min().orElse(0);
    return String.format(
        Locale.ROOT,
        """
        Conditions: %s without think time, an upstream that answers after %s ms, clients that give up after %s ms, %d s
        measured, server, upstream and load on the same machine: %s.
        Measured by %s at commit %s on %s; %s.
        [All rows](%sreport.md), [every figure](%sresults.json), [how it was run](%sREADME.md).%s
        """,
        settings.load(),
        Numbers.whole(settings.waitMs()),
        Numbers.whole(settings.requestTimeoutMs()),
        settings.durationSeconds(),
        run.machineText(),
        run.commandText(),
        run.commitText(),
        run.date(),
        runs > 1
            ? "medians of " + runs + " runs, with minimum and maximum"
            : "one run, so small differences mean nothing",
        folder,
        folder,
        folder,
        warned == 0
            ? ""
            : String.format(
                Locale.ROOT,
                " In %d of %d measurements other processes used too much of the CPU, or the load"
                    + " was the limit; its README lists them.",
                warned,
                results.rows().size()));
  }

  private static String line(String... cells) {
    return "| " + String.join(" | ", cells) + " |\n";
  }
}
