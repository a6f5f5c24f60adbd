package dev.handlermodels.loadtests.bench.scenario;

import dev.handlermodels.loadtests.bench.config.Layout;
import dev.handlermodels.loadtests.bench.config.LoopbackAddress;
import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.process.Progress;
import dev.handlermodels.loadtests.load.Limits;
import java.io.Console;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options that every scenario has. */
public final class ScenarioOptions {
  private static final int TIMEOUT_MS = 30_000;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--quick",
      description = "For the shape, in one to twelve minutes: shorter windows, fewer rounds.")
  public boolean quick;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Where the report goes; a new or empty folder. Default target/bench/NAME-TIME.")
  private Path out;

  @Option(names = "--port", paramLabel = "PORT", description = "Of the server; default 18080.")
  public int port = 18080;

  @Option(
      names = "--management-port",
      paramLabel = "PORT",
      description = "Of the server's management listener; default 19090.")
  public int managementPort = 19090;

  @Option(
      names = "--upstream-port",
      paramLabel = "PORT",
      description = "Of the upstream; default 18081.")
  public int upstreamPort = 18081;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Print this.")
  private boolean help;

  /** Everything that can be wrong before anything is started. */
  public Layout layout() throws IOException {
    Path root = Path.of(System.getProperty("bench.root", "")).toAbsolutePath();
    requirePorts();
    requireBuilt(root);
    String name =
        spec.name() + LocalDateTime.now().format(DateTimeFormatter.ofPattern("-yyyyMMdd-HHmmss"));
    Path folder =
        out == null ? root.resolve("target/bench").resolve(name) : out.toAbsolutePath().normalize();
    if (Files.exists(folder) && (!Files.isDirectory(folder) || !isEmpty(folder))) {
      throw wrong("--out takes a new or empty folder, and %s is not one.".formatted(out));
    }
    return new Layout(root, folder);
  }

  /** For a scenario that lasts as it says itself, and not as a row of the table. */
  public Settings settings(int users, int waitMs) {
    return new Settings(
        users, waitMs, 0, 0, 0, TIMEOUT_MS, 1, 40, 40, port, managementPort, upstreamPort);
  }

  public Progress progress(int rows) {
    Console console = System.console();
    return new Progress(System.out, console != null && console.isTerminal(), rows);
  }

  /** Answers a value outside of its limits with one sentence. */
  public void check(String option, int value, Limits limits) {
    try {
      limits.parse(option, Integer.toString(value));
    } catch (IllegalArgumentException e) {
      throw wrong(e.getMessage());
    }
  }

  public ParameterException wrong(String sentence) {
    return new ParameterException(spec.commandLine(), sentence);
  }

  private void requirePorts() {
    List<Integer> ports = List.of(port, managementPort, upstreamPort);
    if (ports.stream().distinct().count() < ports.size()) {
      throw wrong("--port, --management-port and --upstream-port take three different ports.");
    }
    for (int used : ports) {
      check("A port", used, Limits.PORT);
      if (LoopbackAddress.inUse(used)) {
        throw wrong(
            "Port %d is in use; choose others with --port, --management-port and --upstream-port."
                .formatted(used));
      }
    }
  }

  private void requireBuilt(Path root) {
    Stream.of(
            Layout.UPSTREAM_JAR,
            Layout.JVM_OPTIONS,
            Layout.serverJar("vertx"),
            Layout.serverJar("nima"),
            Layout.serverJar("blocking"))
        .filter(file -> Files.notExists(root.resolve(file)))
        .findFirst()
        .ifPresent(
            file -> {
              throw wrong(file + " is missing; run `mvn package` or ./bench in the project.");
            });
  }

  private static boolean isEmpty(Path dir) throws IOException {
    try (Stream<Path> files = Files.list(dir)) {
      return files.findFirst().isEmpty();
    }
  }
}
