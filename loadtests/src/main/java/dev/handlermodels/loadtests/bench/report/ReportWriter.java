package dev.handlermodels.loadtests.bench.report;

import dev.handlermodels.loadtests.bench.config.Layout;
import dev.handlermodels.loadtests.bench.config.RunManifest;
import dev.handlermodels.loadtests.bench.evidence.Results;
import dev.handlermodels.loadtests.bench.evidence.RowAnalysis;
import dev.handlermodels.loadtests.bench.evidence.RowResult;
import dev.handlermodels.loadtests.bench.evidence.RowSummary;
import dev.handlermodels.loadtests.bench.evidence.SettingsComparison;
import dev.handlermodels.loadtests.bench.profile.Profile;
import dev.handlermodels.loadtests.bench.report.charts.ChartFiles;
import dev.handlermodels.loadtests.bench.row.RowData;
import dev.handlermodels.loadtests.load.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** From the raw files of a run alone: results.json, report.md, report.html and the charts. */
public final class ReportWriter {
  private ReportWriter() {}

  /**
   * Writes them into {@code out}, for the rows that have raw files there.
   *
   * @throws IOException with a sentence, where a raw file is missing or not readable
   */
  public static Results write(Path out) throws IOException {
    if (!Files.exists(Layout.run(out))) {
      throw new IOException(out + " holds no run: there is no run.json.");
    }
    RunManifest run = Json.read(Layout.run(out), RunManifest.class);
    List<RowResult> rows = new ArrayList<>();
    List<RowTimeSeries> series = new ArrayList<>();
    List<Map<String, String>> serverSettings = new ArrayList<>();
    List<String> notRun = new ArrayList<>();
    for (int repeat = 1; repeat <= run.timesEach(); repeat++) {
      for (String id : run.rows()) {
        Path row = new Layout(null, out).row(id, repeat);
        if (Files.exists(Layout.facts(row))) {
          RowData data = RowData.read(row, run.settings());
          rows.add(RowAnalysis.of(data, run));
          series.add(RowTimeSeries.of(data, run.settings()));
          serverSettings.add(data.serverSettings());
        } else {
          notRun.add(repeat == 1 ? id : id + " (repeat " + repeat + ")");
        }
      }
    }
    Results results =
        new Results(
            Results.SCHEMA,
            run.startedAt(),
            run.machine(),
            run.settings(),
            rows,
            RowSummary.of(rows),
            SettingsComparison.of(serverSettings),
            notRun,
            run.notes(),
            run.servers());
    Json.write(out.resolve("results.json"), results);
    List<Profile> profiles = Profile.in(out);
    String profileText =
        profiles.isEmpty() ? "" : ReportPageWriter.markdown(ProfileHtml.section(profiles));
    Files.writeString(out.resolve("report.md"), TextReport.markdown(results) + profileText);
    List<RowTimeSeries> shown = shown(results, series);
    Files.writeString(out.resolve("report.html"), HtmlReport.of(results, shown, profiles));
    ChartFiles.write(out, RunCharts.of(results, shown)).ifPresent(System.err::println);
    return results;
  }

  /** What the profiles of a run say, for a terminal; empty where there are none. */
  public static String profiles(Path out) throws IOException {
    List<Profile> profiles = Profile.in(out);
    return profiles.isEmpty() ? "" : ReportPageWriter.terminal(ProfileHtml.section(profiles));
  }

  /** Curves of the runs that are shown; those of twenty repeats would make a page of megabytes. */
  private static List<RowTimeSeries> shown(Results results, List<RowTimeSeries> series) {
    List<RowResult> shown = results.shown();
    return series.stream()
        .filter(
            one ->
                shown.stream()
                    .anyMatch(row -> row.id().equals(one.id()) && row.repeat() == one.repeat()))
        .toList();
  }
}
