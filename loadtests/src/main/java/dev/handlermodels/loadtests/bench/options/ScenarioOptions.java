package dev.handlermodels.loadtests.bench.options;

import dev.handlermodels.loadtests.bench.config.Layout;
import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.process.Progress;
import dev.handlermodels.loadtests.bench.servers.Servers;
import dev.handlermodels.loadtests.load.Limits;
import dev.handlermodels.loadtests.load.OpenFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.function.Supplier;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options that every scenario has. */
public final class ScenarioOptions {
  private static final int TIMEOUT_MS = 30_000;
  private static final int EVENT_LOOPS = 1;
  private static final int THREADS = 40;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--quick",
      description =
          "A short run for the shape, one to twelve minutes: shorter windows, fewer" + " rounds.")
  private boolean quick;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description =
          "The folder of the report; it has to be new or empty. Default"
              + " target/bench/NAME-TIME.")
  private Path out;

  @Option(names = "--port", paramLabel = "PORT", description = "Port of the server; default 18080.")
  private int port = 18080;

  @Option(
      names = "--management-port",
      paramLabel = "PORT",
      description = "Port of the server's management listener; default 19090.")
  private int managementPort = 19090;

  @Option(
      names = "--upstream-port",
      paramLabel = "PORT",
      description = "Port of the upstream; default 18081.")
  private int upstreamPort = 18081;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Print this.")
  private boolean help;

  private OptionChecks checks() {
    return new OptionChecks(spec);
  }

  /** Checks what can be wrong before anything is started. */
  public Layout layout() throws IOException {
    Path root = OptionChecks.root();
    checks().differentFreePorts(port, managementPort, upstreamPort);
    checks().built(root, Servers.ALL.stream().map(Servers::get).toList());
    Path folder = out == null ? OptionChecks.defaultFolder(root, spec.name() + "-") : out;
    return new Layout(root, checks().newFolder(folder));
  }

  public boolean quick() {
    return quick;
  }

  /** The first value with --quick, else the second. */
  public int quickOr(int ifQuick, int otherwise) {
    return quick ? ifQuick : otherwise;
  }

  /** For a scenario that times its loads itself. */
  public Settings settings(int users, int waitMs) {
    return settings(users, waitMs, 0, 0, 0);
  }

  /** For a scenario that runs rows of the table. */
  public Settings settings(
      int users, int waitMs, int rampSeconds, int warmupSeconds, int durationSeconds) {
    return new Settings(
        users,
        waitMs,
        rampSeconds,
        warmupSeconds,
        durationSeconds,
        TIMEOUT_MS,
        EVENT_LOOPS,
        THREADS,
        THREADS,
        port,
        managementPort,
        upstreamPort);
  }

  public Progress progress(int rows) {
    return Progress.of(rows);
  }

  /** Refuses a number outside of its limits. */
  public void check(String option, int value, Limits limits) {
    checks().number(option, Integer.toString(value), limits);
  }

  /** Refuses a name that is not known. */
  public void check(String option, List<String> chosen, List<String> known) {
    checks().choice(option, chosen, known);
  }

  /** Refuses a run that needs more connections than a process may have. */
  public void checkOpenFiles(int needed, String advice) {
    OptionalLong limit = OpenFiles.limit();
    if (limit.isPresent() && limit.getAsLong() < needed) {
      throw wrong(
          String.format(
              Locale.ROOT,
              "A process may open %d files here (ulimit -Hn), and this needs %d%s.",
              limit.getAsLong(),
              needed,
              advice));
    }
  }

  /** Refuses a run for which a file of the project has to be built first. */
  public void checkBuilt(String file) {
    if (Files.notExists(OptionChecks.root().resolve(file))) {
      throw wrong(file + " is missing; run `mvn package` in the project.");
    }
  }

  /** The value of a parser whose exception holds the sentence. */
  public int parsed(Supplier<Integer> parser) {
    return checks().orWrong(parser);
  }

  public ParameterException wrong(String sentence) {
    return checks().wrong(sentence);
  }
}
