package dev.handlermodels.loadtests.bench.published;

import dev.handlermodels.loadtests.bench.config.Invocation;
import dev.handlermodels.loadtests.bench.published.PublishedRuns.Run;
import dev.handlermodels.loadtests.bench.report.charts.ChartFiles;
import dev.handlermodels.loadtests.bench.scenario.ScenarioFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * A run whose figures are committed: report.md, results.json, the charts and a README.md that says
 * how and where they were measured, in a folder named by date and machine. Beside the folders
 * stands a README.md that lists them.
 */
public final class PublishedRun {
  private static final String RESULTS = "results.json";
  private static final String REPORT = "report.md";
  private static final String README = "README.md";

  private PublishedRun() {}

  /**
   * Copies a run. An older run of the same kind, day and machine is replaced.
   *
   * @param into the folder of all published runs
   * @return the folder of this one
   * @throws IOException with a sentence, where the folder holds no report or not all was measured
   */
  public static Path publish(Path run, Path into) throws IOException {
    for (String file : List.of(RESULTS, REPORT)) {
      if (Files.notExists(run.resolve(file))) {
        throw new IOException(run + " holds no report: there is no " + file + ".");
      }
    }
    Run read = PublishedRuns.read(run);
    if (!read.machine().isObject()) {
      throw new IOException("This run does not say on which machine it was made.");
    }
    String missing = missing(read.results());
    if (!missing.isEmpty()) {
      throw new IOException(
          "Only a complete run is published, and this one lacks " + missing + ".");
    }
    String kind = read.kind().isEmpty() ? "" : "-" + read.kind();
    Path folder = into.resolve(read.date() + "-" + machineName(read.machine()) + kind);
    Files.createDirectories(folder);
    copy(run, folder, RESULTS);
    copy(run, folder, REPORT);
    for (Path file : List.of(Invocation.file(run), ScenarioFile.of(run))) {
      if (Files.exists(file)) {
        copy(run, folder, file.getFileName().toString());
      }
    }
    charts(run, folder);
    Files.writeString(folder.resolve(README), readme(read));
    Files.writeString(into.resolve(README), index(into));
    return folder;
  }

  private static void copy(Path from, Path to, String file) throws IOException {
    Files.copy(from.resolve(file), to.resolve(file), StandardCopyOption.REPLACE_EXISTING);
  }

  private static void charts(Path run, Path folder) throws IOException {
    for (Path chart : chartsOf(run, ".svg")) {
      Files.createDirectories(folder.resolve(ChartFiles.FOLDER));
      copy(
          run.resolve(ChartFiles.FOLDER),
          folder.resolve(ChartFiles.FOLDER),
          chart.getFileName().toString());
    }
  }

  /** The names of the charts of a run, without {@code -light.svg}. */
  static List<String> chartNames(Path run) throws IOException {
    return chartsOf(run, "-light.svg").stream()
        .map(chart -> chart.getFileName().toString().replace("-light.svg", ""))
        .toList();
  }

  private static List<Path> chartsOf(Path run, String end) throws IOException {
    Path charts = run.resolve(ChartFiles.FOLDER);
    if (Files.notExists(charts)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(charts)) {
      return files.filter(file -> file.toString().endsWith(end)).sorted().toList();
    }
  }

  /** Rows of the table that are cut short or were never begun. */
  private static String missing(JsonNode results) {
    List<String> missing = new ArrayList<>();
    results.path("notRun").forEach(id -> missing.add(id.asString()));
    for (JsonNode row : results.path("rows")) {
      String status = PublishedRuns.text(row, "status");
      if (status != null && !status.equals("complete")) {
        missing.add(PublishedRuns.text(row, "id") + " (" + status + ")");
      }
    }
    return String.join(", ", missing);
  }

  /** {@code 2-cores-amd-epyc}. */
  private static String machineName(JsonNode machine) {
    String name =
        PublishedRuns.text(machine, "cores") + "-cores-" + PublishedRuns.text(machine, "cpu");
    return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", "");
  }

  private static String readme(Run run) throws IOException {
    StringBuilder text = new StringBuilder();
    text.append("# ").append(run.title()).append(", ").append(run.date());
    text.append("\n\n| | |\n|---|---|\n| command | ")
        .append(run.commandText())
        .append(" |\n| commit | ")
        .append(run.commitText())
        .append(" |\n| machine | ")
        .append(run.machineText())
        .append(" |\n| started | ")
        .append(run.startedAt())
        .append(" |\n\n[report.md](report.md) has tables and verdicts, ")
        .append("[results.json](results.json) has every figure.\n");
    List<String> warnings = warnings(run.results());
    if (!warnings.isEmpty()) {
      text.append("\nWhat speaks against these figures:\n\n");
      warnings.forEach(warning -> text.append("- ").append(warning).append('\n'));
    }
    for (String chart : chartNames(run.folder())) {
      text.append('\n').append(picture(chart, ""));
    }
    return text.toString();
  }

  /** What speaks against the figures, which a reader should not have to look for. */
  static List<String> warnings(JsonNode results) {
    List<String> warnings = new ArrayList<>();
    for (JsonNode row : results.path("rows")) {
      String which =
          row.path("repeat").isNumber()
              ? PublishedRuns.text(row, "id") + ", run " + row.path("repeat").asInt()
              : PublishedRuns.text(row, "id");
      warningsOf(row).forEach(sentence -> warnings.add(which + ": " + sentence));
    }
    return warnings.stream().distinct().toList();
  }

  /** How many of the measured rows have any. */
  static long rowsWithWarnings(JsonNode results) {
    return results.path("rows").valueStream().filter(row -> !warningsOf(row).isEmpty()).count();
  }

  private static List<String> warningsOf(JsonNode row) {
    return Stream.of("aboveCeiling", "limitedBy", "disturbed")
        .map(verdict -> row.path("verdict").path(verdict))
        .filter(verdict -> verdict.path("fires").asBoolean(false))
        .map(verdict -> PublishedRuns.text(verdict, "sentence"))
        .toList();
  }

  /**
   * A chart for pages of both colour schemes.
   *
   * @param folder of the run, with a slash at its end, as the page sees it
   */
  static String picture(String chart, String folder) {
    return String.format(
        Locale.ROOT,
        """
        <picture>
          <source media="(prefers-color-scheme: dark)" srcset="%s">
          <img alt="%s" src="%s">
        </picture>
        """,
        folder + ChartFiles.name(chart, true),
        alternative(chart),
        folder + ChartFiles.name(chart, false));
  }

  private static String alternative(String chart) {
    return switch (chart) {
      case ChartFiles.ANSWERS -> "Answers per second of each row beside its ceiling";
      case ChartFiles.LATENCY -> "Median and 99th percentile of the response time of each row";
      case ChartFiles.BLOCKED_LOOP -> "Response time over time: a blocked loop beside its repair";
      default -> chart.replace('-', ' ');
    };
  }

  /** All runs that are there, the newest first. */
  private static String index(Path into) throws IOException {
    StringBuilder text = new StringBuilder("# Committed results\n\n");
    text.append("`./bench publish DIR` adds a run. The newest stand first.\n\n");
    text.append(PublishedRuns.in(into).list());
    return text.toString();
  }
}
