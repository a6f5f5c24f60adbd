package dev.handlermodels.loadtests.bench.report;

import dev.handlermodels.loadtests.bench.config.Invocation;
import dev.handlermodels.loadtests.bench.report.charts.ChartFiles;
import dev.handlermodels.loadtests.load.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
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
  private static final int DATE_CHARS = 10;
  private static final String RESULTS = "results.json";
  private static final String REPORT = "report.md";
  private static final String README = "README.md";

  private PublishedRun() {}

  /**
   * Copies a run.
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
    JsonNode results = Json.read(run.resolve(RESULTS), JsonNode.class);
    Invocation invocation = Invocation.read(run);
    String date = date(results, invocation);
    if (date == null) {
      throw new IOException(run + " does not say when it was measured: there is no command.json.");
    }
    String missing = missing(results);
    if (!missing.isEmpty()) {
      throw new IOException(
          "Only a complete run is published, and this one lacks " + missing + ".");
    }
    String scenario = scenario(run);
    Path folder =
        into.resolve(
            date + "-" + machineName(results) + (scenario.isEmpty() ? "" : "-" + scenario));
    Files.createDirectories(folder);
    copy(run, folder, RESULTS);
    copy(run, folder, REPORT);
    charts(run, folder);
    Files.writeString(folder.resolve(README), readme(run, results, invocation, date, scenario));
    Files.writeString(into.resolve(README), index(into));
    return folder;
  }

  private static void copy(Path from, Path to, String file) throws IOException {
    Files.copy(from.resolve(file), to.resolve(file), StandardCopyOption.REPLACE_EXISTING);
  }

  private static void charts(Path run, Path folder) throws IOException {
    Path charts = run.resolve(ChartFiles.FOLDER);
    if (Files.exists(charts)) {
      Files.createDirectories(folder.resolve(ChartFiles.FOLDER));
      for (Path chart : sorted(charts, ".svg")) {
        copy(charts, folder.resolve(ChartFiles.FOLDER), chart.getFileName().toString());
      }
    }
  }

  private static List<Path> sorted(Path folder, String end) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(end)).sorted().toList();
    }
  }

  private static String date(JsonNode results, Invocation invocation) {
    String startedAt = text(results, "startedAt");
    if (startedAt == null && invocation != null) {
      startedAt = invocation.startedAt();
    }
    return startedAt == null || startedAt.length() < DATE_CHARS
        ? null
        : startedAt.substring(0, DATE_CHARS);
  }

  /** Rows of the table that are cut short or were never begun. */
  private static String missing(JsonNode results) {
    List<String> missing = new ArrayList<>();
    results.path("notRun").forEach(id -> missing.add(id.asString()));
    for (JsonNode row : results.path("rows")) {
      String status = text(row, "status");
      if (status != null && !status.equals("complete")) {
        missing.add(text(row, "id") + " (" + status + ")");
      }
    }
    return String.join(", ", missing);
  }

  /** {@code 2-cores-amd-epyc}. */
  private static String machineName(JsonNode results) {
    JsonNode machine = results.path("machine");
    String name = text(machine, "cores") + "-cores-" + text(machine, "cpu");
    return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", "");
  }

  /** Empty for the table. */
  private static String scenario(Path run) throws IOException {
    Path file = run.resolve("scenario.json");
    String name = Files.exists(file) ? text(Json.read(file, JsonNode.class), "scenario") : null;
    return name == null ? "" : name.toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static String readme(
      Path run, JsonNode results, Invocation invocation, String date, String scenario)
      throws IOException {
    JsonNode machine = results.path("machine");
    StringBuilder text = new StringBuilder();
    text.append("# ").append(scenario.isEmpty() ? "The table" : scenario).append(", ").append(date);
    text.append("\n\n| | |\n|---|---|\n");
    text.append("| command | ")
        .append(invocation == null ? "not recorded" : "`" + invocation.command() + "`")
        .append(" |\n| commit | ")
        .append(commit(machine))
        .append(" |\n| machine | ")
        .append(text(machine, "cores"))
        .append(" cores, ")
        .append(text(machine, "cpu"))
        .append(", ")
        .append(text(machine, "memoryMiB"))
        .append(" MiB, ")
        .append(text(machine, "os"))
        .append(" |\n| JDK | ")
        .append(text(machine, "jdk"))
        .append(" |\n\n[report.md](report.md) has tables and verdicts, ")
        .append("[results.json](results.json) has every figure.\n");
    warnings(results, text);
    if (Files.exists(run.resolve(ChartFiles.FOLDER))) {
      for (Path chart : sorted(run.resolve(ChartFiles.FOLDER), "-light.svg")) {
        picture(text, chart.getFileName().toString().replace("-light.svg", ""));
      }
    }
    return text.toString();
  }

  /** What speaks against the figures, which a reader should not have to look for. */
  private static void warnings(JsonNode results, StringBuilder text) {
    List<String> warnings = new ArrayList<>();
    for (JsonNode row : results.path("rows")) {
      for (String verdict : List.of("aboveCeiling", "limitedBy", "disturbed")) {
        JsonNode of = row.path("verdict").path(verdict);
        if (of.path("fires").asBoolean(false)) {
          warnings.add(text(row, "id") + ": " + text(of, "sentence"));
        }
      }
    }
    if (!warnings.isEmpty()) {
      text.append("\nWhat speaks against these figures:\n\n");
      warnings.stream()
          .distinct()
          .forEach(warning -> text.append("- ").append(warning).append('\n'));
    }
  }

  private static void picture(StringBuilder text, String chart) {
    String dark = ChartFiles.name(chart, true);
    String light = ChartFiles.name(chart, false);
    text.append("\n<picture>\n  <source media=\"(prefers-color-scheme: dark)\" srcset=\"")
        .append(dark)
        .append("\">\n  <img alt=\"")
        .append(chart.replace('-', ' '))
        .append("\" src=\"")
        .append(light)
        .append("\">\n</picture>\n");
  }

  private static String commit(JsonNode machine) {
    String commit = text(machine, "commit");
    return commit == null
        ? "unknown"
        : commit.endsWith("-dirty")
            ? "`" + commit.replace("-dirty", "") + "`, with changes that were not committed"
            : "`" + commit + "`";
  }

  /** All runs that are there, the newest first. */
  private static String index(Path into) throws IOException {
    StringBuilder text = new StringBuilder("# Committed results\n\n");
    text.append("`./bench publish DIR` adds one. The newest stand first.\n\n");
    try (Stream<Path> folders = Files.list(into)) {
      folders
          .filter(folder -> Files.exists(folder.resolve(RESULTS)))
          .map(folder -> folder.getFileName().toString())
          .sorted(Comparator.reverseOrder())
          .forEach(
              name ->
                  text.append("- [")
                      .append(name)
                      .append("](")
                      .append(name)
                      .append("/README.md)\n"));
    }
    return text.toString();
  }

  /** Null where there is none. */
  private static String text(JsonNode node, String field) {
    JsonNode value = node.path(field);
    return value.isMissingNode() || value.isNull() ? null : value.asString();
  }
}
