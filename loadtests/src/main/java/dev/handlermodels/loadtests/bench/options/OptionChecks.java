package dev.handlermodels.loadtests.bench.options;

import dev.handlermodels.loadtests.bench.config.Layout;
import dev.handlermodels.loadtests.bench.config.LoopbackAddress;
import dev.handlermodels.loadtests.bench.config.Target;
import dev.handlermodels.loadtests.bench.servers.ServerDescription;
import dev.handlermodels.loadtests.load.Limits;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Checks the options of a command. A wrong one is answered with one sentence. */
final class OptionChecks {
  private static final DateTimeFormatter FOLDER_TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT);

  private final CommandSpec command;

  OptionChecks(CommandSpec command) {
    this.command = command;
  }

  ParameterException wrong(String sentence) {
    return new ParameterException(command.commandLine(), sentence);
  }

  int number(String option, String value, Limits limits) {
    return orWrong(() -> limits.parse(option, value));
  }

  String address(String option, String value) {
    return orWrong(() -> Target.address(option, value));
  }

  /** The address of a receiver of runs, with the name of this one. */
  URI receiver(String option, String value) {
    if (!value.matches("http://[A-Za-z0-9.-]+(:[0-9]{1,5})?/[A-Za-z0-9][A-Za-z0-9-]{0,39}")) {
      throw wrong(
          String.format(Locale.ROOT, "%s takes http://HOST:PORT/NAME, not '%s'.", option, value));
    }
    return URI.create(value);
  }

  /** The value of a parser whose exception holds the sentence. */
  <T> T orWrong(Supplier<T> parser) {
    try {
      return parser.get();
    } catch (IllegalArgumentException e) {
      throw wrong(e.getMessage());
    }
  }

  /** Some of the known names, from a list with commas. */
  List<String> choice(String option, String value, List<String> known) {
    return choice(option, Arrays.stream(value.split(",")).map(String::strip).toList(), known);
  }

  List<String> choice(String option, List<String> chosen, List<String> known) {
    String names = String.join(", ", known);
    for (String name : chosen) {
      if (!known.contains(name)) {
        throw wrong(String.format(Locale.ROOT, "%s takes %s, not '%s'.", option, names, name));
      }
    }
    if (chosen.isEmpty()) {
      throw wrong(String.format(Locale.ROOT, "%s takes %s.", option, names));
    }
    return chosen;
  }

  /** A folder that may be written to; what is in a folder is never overwritten. */
  Path newFolder(Path given) throws IOException {
    Path folder = given.toAbsolutePath().normalize();
    if (Files.exists(folder) && (!Files.isDirectory(folder) || !isEmpty(folder))) {
      throw wrong(
          String.format(
              Locale.ROOT, "--out takes a new or empty folder, and %s is not one.", given));
    }
    return folder;
  }

  private static boolean isEmpty(Path dir) throws IOException {
    try (Stream<Path> files = Files.list(dir)) {
      return files.findFirst().isEmpty();
    }
  }

  static Path root() {
    return Path.of(System.getProperty("bench.root", "")).toAbsolutePath();
  }

  /** A folder that is named after the time, beside those of the other runs. */
  static Path defaultFolder(Path root, String prefix) {
    String time = ZonedDateTime.now(ZoneId.systemDefault()).format(FOLDER_TIME);
    return root.resolve("target/bench").resolve(prefix + time);
  }

  void differentFreePorts(int port, int managementPort, int upstreamPort) {
    List<Integer> ports = List.of(port, managementPort, upstreamPort);
    if (ports.stream().distinct().count() < ports.size()) {
      throw wrong("--port, --management-port and --upstream-port take three different ports.");
    }
    for (int used : ports) {
      number("A port", Integer.toString(used), Limits.PORT);
      if (LoopbackAddress.inUse(used)) {
        throw wrong(
            String.format(
                Locale.ROOT,
                "Port %d is in use; choose others with --port, --management-port and"
                    + " --upstream-port.",
                used));
      }
    }
  }

  /** Refuses servers for which a file has to be built first, or whose own port is in use. */
  void built(Path root, List<ServerDescription> servers) {
    requireFiles(root, List.of(Layout.UPSTREAM_JAR, Layout.JVM_OPTIONS));
    for (ServerDescription server : servers) {
      if (server.folder() == null) {
        requireFiles(root, server.needs());
      } else {
        requireFiles(Path.of(server.folder()), server.needs(), server.name());
      }
      if (server.isStarted() && server.port() != null && LoopbackAddress.inUse(server.port())) {
        throw wrong(
            String.format(
                Locale.ROOT,
                "Port %s is in use, and %s is to listen there.",
                server.port(),
                server.name()));
      }
    }
  }

  private void requireFiles(Path root, List<String> files) {
    missing(root, files)
        .ifPresent(
            file -> {
              throw wrong(file + " is missing; run `mvn package` or ./bench in the project.");
            });
  }

  private void requireFiles(Path folder, List<String> files, String server) {
    missing(folder, files)
        .ifPresent(
            file -> {
              throw wrong(
                  String.format(
                      Locale.ROOT, "%s is missing, which %s needs.", folder.resolve(file), server));
            });
  }

  private static Optional<String> missing(Path folder, List<String> files) {
    return files.stream().filter(file -> Files.notExists(folder.resolve(file))).findFirst();
  }
}
