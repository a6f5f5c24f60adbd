package dev.handlermodels.loadtests.bench.published;

import dev.handlermodels.loadtests.bench.config.Invocation;
import dev.handlermodels.loadtests.bench.scenario.ScenarioFile;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import dev.handlermodels.loadtests.load.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** The committed runs in docs/results, the newest first. */
record PublishedRuns(List<Run> all) {
  private static final int DATE_CHARS = 10;

  /** The scenario's name of a run of the table. */
  static final String TABLE = "";

  /** The table by {@code ./bench --with-peers}. */
  static final String WITH_PEERS = "with-peers";

  /** {@code ./bench decide --step ... --run}. */
  static final String DECIDE_STEPS = "decide-steps";

  /**
   * One of them.
   *
   * @param kind {@code open-vs-closed}; {@link #TABLE} for the table; another one where an option
   *     makes other figures of it
   * @param startedAt ISO 8601, UTC
   * @param command null in a run from before commands were kept
   */
  record Run(Path folder, String kind, String startedAt, String command, JsonNode results) {

    String name() {
      return folder.getFileName().toString();
    }

    String date() {
      return startedAt.substring(0, DATE_CHARS);
    }

    String title() {
      return switch (kind) {
        case TABLE -> "The table";
        case WITH_PEERS -> "The table, with Spring beside it";
        default -> kind;
      };
    }

    String commandText() {
      return command == null ? "a command that was not recorded" : "`" + command + "`";
    }

    JsonNode machine() {
      return results.path("machine");
    }

    /** {@code 17d3636563ea, with changes that were not committed}. */
    String commitText() {
      String commit = text(machine(), "commit");
      return commit == null
          ? "unknown"
          : commit.endsWith("-dirty")
              ? "`" + commit.replace("-dirty", "") + "`, with changes that were not committed"
              : "`" + commit + "`";
    }

    /** {@code 2 cores (AMD EPYC), 24,105 MiB, Linux 6.18, Temurin 25}. */
    String machineText() {
      return String.format(
          Locale.ROOT,
          "%s cores (%s), %s MiB, %s, %s",
          text(machine(), "cores"),
          text(machine(), "cpu"),
          Numbers.whole(machine().path("memoryMiB").asLong(0)),
          text(machine(), "os"),
          text(machine(), "jdk"));
    }
  }

  static PublishedRuns in(Path folder) throws IOException {
    List<Run> runs = new ArrayList<>();
    try (Stream<Path> folders = Files.list(folder)) {
      for (Path run : folders.sorted().toList()) {
        if (Files.exists(results(run))) {
          runs.add(read(run));
        }
      }
    }
    runs.sort(Comparator.comparing(Run::startedAt).thenComparing(Run::name).reversed());
    return new PublishedRuns(List.copyOf(runs));
  }

  /**
   * Reads a run, published or not.
   *
   * @throws IOException with a sentence, where nobody knows when it was measured
   */
  static Run read(Path run) throws IOException {
    JsonNode results = Json.read(results(run), JsonNode.class);
    Invocation invocation = Invocation.read(run);
    String startedAt = text(results, "startedAt");
    if (startedAt == null && invocation != null) {
      startedAt = invocation.startedAt();
    }
    if (startedAt == null || startedAt.length() < DATE_CHARS) {
      throw new IOException(run + " does not say when it was measured: there is no command.json.");
    }
    String command = invocation == null ? null : invocation.command();
    return new Run(run, kind(scenario(run), command), startedAt, command, results);
  }

  /** By the command: figures of one kind never stand in for those of another. */
  private static String kind(String scenario, String command) {
    List<String> options = command == null ? List.of() : List.of(command.split("[ =]"));
    if (scenario.equals(TABLE) && options.contains("--with-peers")) {
      return WITH_PEERS;
    }
    return scenario.equals("decide") && options.contains("--step") ? DECIDE_STEPS : scenario;
  }

  static Path results(Path run) {
    return run.resolve("results.json");
  }

  private static String scenario(Path run) throws IOException {
    return Files.exists(ScenarioFile.of(run))
        ? ScenarioFile.read(run).toLowerCase(Locale.ROOT).replace('_', '-')
        : TABLE;
  }

  Optional<Run> newest(String kind) {
    return all.stream().filter(run -> run.kind().equals(kind)).findFirst();
  }

  /** A table of all of them, with links to their README.md. */
  String list() {
    StringBuilder text = new StringBuilder();
    text.append("| date | what | command | commit | machine |\n|---|---|---|---|---|\n");
    for (Run run : all) {
      text.append(
          String.format(
              Locale.ROOT,
              "| %s | [%s](%s/README.md) | %s | %s | %s |\n",
              run.date(),
              run.title(),
              run.name(),
              run.commandText(),
              run.commitText(),
              run.machineText()));
    }
    return text.toString();
  }

  /** Null where there is none. */
  static String text(JsonNode node, String field) {
    JsonNode value = node.path(field);
    return value.isMissingNode() || value.isNull() ? null : value.asString();
  }
}
