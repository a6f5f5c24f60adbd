package dev.handlermodels.loadtests.bench;

import dev.handlermodels.loadtests.bench.compare.CompareCommand;
import dev.handlermodels.loadtests.bench.config.Invocation;
import dev.handlermodels.loadtests.bench.config.Layout;
import dev.handlermodels.loadtests.bench.config.Target;
import dev.handlermodels.loadtests.bench.options.TableOptions;
import dev.handlermodels.loadtests.bench.process.FoundProgram;
import dev.handlermodels.loadtests.bench.process.LoopbackClient;
import dev.handlermodels.loadtests.bench.servers.Row;
import dev.handlermodels.loadtests.bench.servers.ServerDescription;
import dev.handlermodels.loadtests.bench.servers.Servers;
import dev.handlermodels.loadtests.bench.transfer.RunSender;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ./bench}: measures the rows of the table. Its subcommands measure the scenarios. */
@Command(
    name = "bench",
    sortOptions = false,
    description = {
      "Puts Gatling users on each server and prints the table; target/bench/latest holds the"
          + " report.",
      ""
    },
    footer = {
      "",
      "Exit code: 0 every row complete, 1 a row partial or failed, 2 a wrong option or a port in"
          + " use,",
      "130 Ctrl-C (what was measured is kept)."
    })
final class BenchCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private TableOptions options;

  @Option(
      names = {"-h", "--help"},
      order = 13,
      usageHelp = true,
      description = "Print this.")
  private boolean help;

  @Override
  public Integer call() throws IOException, InterruptedException {
    options.checkTogether();
    return options.target() == null ? startAndLoad() : loadTarget();
  }

  private int startAndLoad() throws IOException, InterruptedException {
    List<String> notes = new ArrayList<>();
    List<ServerDescription> servers = found(options.servers(), notes);
    List<ServerDescription> added = found(added(), notes);
    List<Row> chosen = options.choose(servers, added);
    if (chosen.isEmpty()) {
      throw options.wrong("--servers and --rows leave no row.");
    }
    List<ServerDescription> used =
        Stream.concat(servers.stream(), added.stream())
            .filter(server -> chosen.stream().anyMatch(row -> row.server().equals(server.name())))
            .toList();
    Layout layout = options.layout();
    options.checkArrivals();
    options.checkStart(used);
    notes.forEach(System.out::println);
    used.stream()
        .filter(server -> !server.isStarted())
        .forEach(server -> notes.add(new Target(server.url(), null).sentence()));
    return bench(layout, chosen, used, notes).run();
  }

  private Bench bench(
      Layout layout, List<Row> rows, List<ServerDescription> servers, List<String> notes) {
    return new Bench(
        layout,
        options.settings(),
        rows,
        servers,
        options.repeats(),
        notes,
        invocation(),
        options.profile(),
        options.quick());
  }

  /** The servers of the catalogue that an option has added. */
  private List<ServerDescription> added() {
    return Servers.CATALOGUE.stream()
        .filter(server -> server.with() != null && !options.servers().contains(server))
        .filter(server -> spec.commandLine().getParseResult().hasMatchedOption(option(server)))
        .toList();
  }

  private static String option(ServerDescription server) {
    return "--with-" + server.with();
  }

  /** Those whose program is there; a note says what was found or is missing. */
  private static List<ServerDescription> found(
      List<ServerDescription> servers, List<String> notes) {
    List<ServerDescription> found = new ArrayList<>();
    for (ServerDescription server : servers) {
      if (server.program() == null) {
        found.add(server);
      } else {
        FoundProgram program = FoundProgram.find(server.program());
        notes.add(program.sentence());
        if (program.isPresent()) {
          found.add(server.withProgram(program.path()));
        }
      }
    }
    return found;
  }

  private int loadTarget() throws IOException, InterruptedException {
    for (ServerDescription server : added()) {
      throw options.wrong(option(server) + " starts a server, and --target starts none.");
    }
    options.checkArrivals();
    ServerDescription server = options.described() == null ? identified() : options.described();
    List<Row> chosen = options.described() == null ? options.chooseOfTarget(server) : server.rows();
    if (chosen.isEmpty()) {
      throw options.wrong(
          String.format(
              Locale.ROOT,
              "%s is server '%s', and --rows leaves no row of it.",
              options.target(),
              server.name()));
    }
    List<String> notes = List.of(options.settings().target().sentence());
    Layout layout = options.layout();
    int exitCode = bench(layout, chosen, List.of(server), notes).run();
    if (options.sendTo() != null) {
      RunSender.send(layout.out(), options.sendTo());
      System.out.println("sent to " + options.sendTo());
    }
    return exitCode;
  }

  private Invocation invocation() {
    return Invocation.of(spec.commandLine().getParseResult().originalArgs());
  }

  /** Which server of the bench's own answers at the target, with the rows that it serves. */
  private ServerDescription identified() throws InterruptedException {
    try (LoopbackClient http = new LoopbackClient()) {
      Target.Identity identity = http.get(options.target() + "/", Target.Identity.class);
      if (identity == null || !Servers.ALL.contains(identity.server())) {
        throw options.wrong(
            String.format(
                Locale.ROOT,
                "%s does not answer GET / as one of %s does; --path PATH loads any other server.",
                options.target(),
                Servers.text()));
      }
      ServerDescription server = Servers.get(identity.server()).at(options.target());
      for (Row row : options.chooseOfTarget(server)) {
        if (!identity.offers(row.endpoint())) {
          throw options.wrong(
              String.format(
                  Locale.ROOT,
                  "%s does not serve %s; ANTI_PATTERNS=true turns it on.",
                  options.target(),
                  row.endpoint()));
        }
      }
      return server;
    }
  }

  /** A wrong option is answered with its sentence alone, not with the whole help. */
  static CommandLine commandLine() {
    CommandLine commandLine = new CommandLine(new BenchCommand());
    addServerOptions(commandLine.getCommandSpec());
    Scenarios.all().forEach(commandLine::addSubcommand);
    commandLine.addSubcommand(new ReportCommand());
    commandLine.addSubcommand(new CompareCommand());
    commandLine.addSubcommand(new PublishCommand());
    commandLine.addSubcommand(new SiteCommand());
    commandLine.setParameterExceptionHandler(
        (e, args) -> {
          e.getCommandLine().getErr().println(e.getMessage());
          return CommandLine.ExitCode.USAGE;
        });
    commandLine.setExecutionExceptionHandler(
        (e, line, result) -> {
          line.getErr().println(sentence(e));
          return CommandLine.ExitCode.SOFTWARE;
        });
    return commandLine;
  }

  /** {@code --with-NAME}, for servers of the catalogue that are not in the table by themselves. */
  private static void addServerOptions(CommandSpec spec) {
    Servers.CATALOGUE.stream()
        .filter(server -> server.with() != null)
        .filter(server -> spec.findOption(option(server)) == null)
        .forEach(
            server ->
                spec.addOption(
                    OptionSpec.builder(option(server))
                        .type(boolean.class)
                        .arity("0")
                        .order(12)
                        .description(server.about())
                        .build()));
  }

  /** The message of some failures of a file is its path alone. */
  static String sentence(Exception failure) {
    return switch (failure) {
      case AccessDeniedException e -> "There is no permission to use " + e.getFile() + ".";
      case NoSuchFileException e -> "There is no " + e.getFile() + ".";
      case FileAlreadyExistsException e -> "There is a file " + e.getFile() + " already.";
      default -> failure.getMessage() == null ? failure.toString() : failure.getMessage();
    };
  }
}
