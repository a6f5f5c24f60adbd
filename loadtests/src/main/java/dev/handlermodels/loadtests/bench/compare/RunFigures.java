package dev.handlermodels.loadtests.bench.compare;

import dev.handlermodels.loadtests.bench.compare.Figure.Kind;
import dev.handlermodels.loadtests.load.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import tools.jackson.databind.JsonNode;

/**
 * The figures of one or more results.json of the same kind. Every scenario writes records with
 * fields that say what they count, {@code answersPerSecond} or {@code p99Ms}; these names decide.
 */
final class RunFigures {
  /** The list that holds the single repeats comes first. */
  private static final List<String> LISTS = List.of("rounds", "rows", "points", "servers", "ways");

  /** Numbers that say which row it is. */
  private static final Set<String> WHICH =
      Set.of(
          "users",
          "waitMs",
          "holdMs",
          "calls",
          "atOnce",
          "pool",
          "open",
          "heapMiB",
          "cpus",
          "arrivals");

  /** Times that were planned, moments, and extremes that one slow answer decides. */
  private static final Set<String> NOT_FIGURES =
      Set.of(
          "limitMs",
          "everyMs",
          "warmupMs",
          "timeoutMs",
          "atMs",
          "measuredFromSeconds",
          "maxMs",
          "maxUs",
          "lateMaxMs",
          "slowestMs",
          "loopLagMaxMs",
          "oldestUnfinishedMs",
          "openedInMs",
          "generatorCores",
          "gcPauseMs",
          "seconds",
          "publishedSeconds",
          "arrivalsPerSecond",
          "ceilingPerSecond",
          "failuresPerSecond",
          "requestsPerSecond",
          "barePerSecond");

  /** Texts that are no names. */
  private static final Set<String> NOT_NAMES =
      Set.of("status", "trouble", "summary", "why", "sentence", "question", "role");

  private final Map<String, Figure> figures = new LinkedHashMap<>();

  private RunFigures() {}

  /**
   * The figures of several folders together, each a repeat of the same run.
   *
   * @throws IOException with a sentence, where a folder holds no results
   */
  static List<Figure> of(List<JsonNode> results) {
    RunFigures all = new RunFigures();
    results.forEach(all::add);
    return List.copyOf(all.figures.values());
  }

  /** Reads a folder's results.json. */
  static JsonNode read(Path folder) throws IOException {
    Path file = folder.resolve("results.json");
    if (Files.notExists(file)) {
      throw new IOException(folder + " holds no results.json of a run.");
    }
    return Json.read(file, JsonNode.class);
  }

  private void add(JsonNode results) {
    for (String list : LISTS) {
      if (results.path(list).isArray() && !results.get(list).isEmpty()) {
        boolean table = results.has("schema");
        results.get(list).forEach(table ? this::addRowOfTable : this::addRow);
        return;
      }
    }
  }

  private void addRowOfTable(JsonNode row) {
    if (!row.path("status").asString("").equals("complete")) {
      return;
    }
    String name = row.path("server").asString("") + " " + row.path("endpoint").asString("");
    add(name, "answers/s", Kind.RATE, row.path("successesPerSecond"));
    add(name, "median", Kind.WHOLE_MS, row.path("latencyMs").path("p50"));
    add(name, "p99", Kind.WHOLE_MS, row.path("latencyMs").path("p99"));
    double answers = row.path("requests").asDouble(0) - row.path("failures").asDouble(0);
    JsonNode cpu = row.path("cpuSeconds").path("server");
    if (cpu.isNumber() && answers > 0) {
      add(name, "CPU ms of an answer", Kind.TIME, cpu.asDouble() * 1000 / answers);
    }
  }

  private void addRow(JsonNode row) {
    StringJoiner name = new StringJoiner(" ");
    names(row, name);
    addNumbers(name.toString(), "", row);
  }

  private static void names(JsonNode node, StringJoiner name) {
    node.properties()
        .forEach(
            field -> {
              JsonNode value = field.getValue();
              if (value.isObject()) {
                names(value, name);
              } else if (value.isString() && !NOT_NAMES.contains(field.getKey())) {
                name.add(value.asString().toLowerCase(Locale.ROOT).replace('_', ' '));
              } else if (value.isNumber() && WHICH.contains(field.getKey())) {
                name.add(field.getKey() + "=" + value.asString());
              }
            });
  }

  private void addNumbers(String row, String prefix, JsonNode node) {
    node.properties()
        .forEach(
            field -> {
              JsonNode value = field.getValue();
              String path = prefix + field.getKey();
              if (value.isObject() && value.has("median")) {
                addNumber(row, path, field.getKey(), value.get("median"));
              } else if (value.isObject()) {
                addNumbers(row, path + ".", value);
              } else {
                addNumber(row, path, field.getKey(), value);
              }
            });
  }

  private void addNumber(String row, String path, String field, JsonNode value) {
    Kind kind = kind(field);
    if (kind != null) {
      add(row, path, kind, value);
    }
  }

  /** Null for a number that is no figure. */
  static Kind kind(String field) {
    if (WHICH.contains(field) || NOT_FIGURES.contains(field)) {
      return null;
    }
    String lower = field.toLowerCase(Locale.ROOT);
    if (lower.endsWith("persecond") || field.equals("capacity")) {
      return Kind.RATE;
    }
    if (field.endsWith("MiB") || lower.contains("bytesper")) {
      return Kind.SPACE;
    }
    return field.endsWith("Ms")
            || field.endsWith("Us")
            || lower.startsWith("cpuusper")
            || field.equals("recoverySeconds")
        ? Kind.TIME
        : null;
  }

  private void add(String row, String name, Kind kind, JsonNode value) {
    if (value.isNumber()) {
      add(row, name, kind, value.asDouble());
    }
  }

  private void add(String row, String name, Kind kind, double value) {
    Figure figure = new Figure(row, name, kind, new ArrayList<>());
    figures.computeIfAbsent(figure.id(), _ -> figure).values().add(value);
  }
}
