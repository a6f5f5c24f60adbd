package dev.handlermodels.loadtests.bench.compare;

import dev.handlermodels.loadtests.bench.scenario.ScenarioFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** {@code ./bench compare A B}. */
@Command(
    name = "compare",
    description = {
      "Says what is faster or slower in a second run, and what the runs cannot tell.",
      "",
      "  compare A B              two folders of runs of the same kind",
      "  compare --commits X Y    two commits, measured in turn; after -- follow the",
      "                           options of each run, such as -- --quick",
      "  compare DIR              the same again from the folder that two commits left",
      ""
    },
    footer = {
      "",
      "Exit code: 0 nothing slower, 1 a run failed, 2 a wrong option or no comparison,",
      "3 something is slower."
    })
public final class CompareCommand implements Callable<Integer> {
  private static final int WORSE = 3;
  private static final int FEWEST_ROUNDS = 3;
  private static final int MOST_ROUNDS = 20;
  private static final DateTimeFormatter FOLDER_TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT);

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "DIR",
      arity = "0..*",
      description = "Two folders of runs, two commits, or the folder of their rounds.")
  private List<String> given = new ArrayList<>();

  @Option(
      names = "--commits",
      description = "The two are commits: each is built in a work tree under target/compare.")
  private boolean commits;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description = "With --commits: how often each is measured, 3 to 20; default 3.")
  private int rounds = FEWEST_ROUNDS;

  @Option(
      names = "--anyway",
      description = "Compares runs of different machines, settings or JVMs, too.")
  private boolean anyway;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Print this.")
  private boolean help;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (rounds < FEWEST_ROUNDS || rounds > MOST_ROUNDS) {
      throw wrong(
          String.format(
              Locale.ROOT,
              "--rounds takes a whole number from %s to %s, not '%s'.",
              FEWEST_ROUNDS,
              MOST_ROUNDS,
              rounds));
    }
    if (commits ? given.size() < 2 : given.isEmpty() || given.size() > 2) {
      throw wrong("compare takes two folders of runs, or --commits and two commits.");
    }
    if (commits) {
      return commits();
    }
    return given.size() == 1
        ? rounds(path(0))
        : folders(List.of(path(0)), List.of(path(1)), !anyway, null);
  }

  private Path path(int index) {
    return Path.of(given.get(index)).toAbsolutePath().normalize();
  }

  private int commits() throws IOException, InterruptedException {
    Path root = Path.of(System.getProperty("bench.root", "")).toAbsolutePath();
    String time = ZonedDateTime.now(ZoneId.systemDefault()).format(FOLDER_TIME);
    Path out = root.resolve("target/bench/compare-" + time);
    List<String> arguments =
        given.size() == 2 ? List.of("--quick") : given.subList(2, given.size());
    CommitRounds measured = new CommitRounds(root, out, arguments);
    List<String> hashes = List.of(hash(measured, 0), hash(measured, 1));
    List<Path> trees = List.of(measured.tree(hashes.getFirst()), measured.tree(hashes.getLast()));
    List<List<Path>> runs = measured.measure(trees, rounds);
    int code = rounds(out, runs.getFirst(), runs.getLast());
    System.out.println(out);
    return code;
  }

  private String hash(CommitRounds measured, int index) throws IOException, InterruptedException {
    String hash = measured.hash(given.get(index));
    if (hash == null) {
      throw wrong("There is no commit " + given.get(index) + ".");
    }
    return hash;
  }

  /** What two commits left in a folder. */
  private int rounds(Path folder) throws IOException {
    List<Path> first = CommitRounds.folders(folder, CommitRounds.Side.FIRST);
    List<Path> second = CommitRounds.folders(folder, CommitRounds.Side.SECOND);
    if (first.isEmpty() || second.isEmpty()) {
      throw wrong(
          folder
              + " holds no rounds of two commits; two runs are compared by naming both folders.");
    }
    return rounds(folder, first, second);
  }

  /** The same machine, and what differs in settings is the commits' own. */
  private int rounds(Path folder, List<Path> first, List<Path> second) throws IOException {
    return folders(first, second, false, folder.resolve("comparison.md"));
  }

  /**
   * @param file for the text, too; null for none
   */
  private int folders(List<Path> first, List<Path> second, boolean refuse, Path file)
      throws IOException {
    List<JsonNode> one = read(first);
    List<JsonNode> other = read(second);
    requireSameScenario(first.getFirst(), second.getFirst());
    List<String> differences = Conditions.differences(one.getFirst(), other.getFirst());
    StringBuilder text = new StringBuilder();
    differences.forEach(difference -> text.append("- ").append(difference).append('\n'));
    text.append(differences.isEmpty() ? "" : "\n");
    System.out.print(text);
    if (!differences.isEmpty() && refuse) {
      throw wrong("These runs were not made under the same conditions; --anyway compares them.");
    }
    Comparison comparison = Comparison.of(RunFigures.of(one), RunFigures.of(other));
    if (comparison.differences().isEmpty()) {
      throw wrong("These runs have no figure in common.");
    }
    String table = ComparisonText.of(comparison);
    System.out.print(table);
    if (file != null) {
      Files.writeString(file, text + table);
    }
    return comparison.isWorse() ? WORSE : 0;
  }

  private List<JsonNode> read(List<Path> folders) throws IOException {
    List<JsonNode> results = new ArrayList<>();
    for (Path folder : folders) {
      if (Files.notExists(folder.resolve("results.json"))) {
        throw wrong(folder + " holds no results.json of a run.");
      }
      results.add(RunFigures.read(folder));
    }
    return results;
  }

  /** Committed runs of the table have no scenario.json; neither have uncommitted ones. */
  private void requireSameScenario(Path first, Path second) throws IOException {
    String one = scenario(first);
    String other = scenario(second);
    if (!one.equals(other)) {
      throw wrong(
          String.format(
              Locale.ROOT,
              "%s is a run of %s and %s one of %s: only runs of one kind can be compared.",
              first,
              one,
              second,
              other));
    }
  }

  private static String scenario(Path folder) throws IOException {
    return Files.exists(ScenarioFile.of(folder))
        ? ScenarioFile.read(folder).toLowerCase(Locale.ROOT).replace('_', '-')
        : "the table";
  }

  private ParameterException wrong(String sentence) {
    return new ParameterException(spec.commandLine(), sentence);
  }
}
