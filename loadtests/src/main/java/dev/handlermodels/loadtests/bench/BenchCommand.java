package dev.handlermodels.loadtests.bench;

import dev.handlermodels.loadtests.bench.config.Invocation;
import dev.handlermodels.loadtests.bench.config.Layout;
import dev.handlermodels.loadtests.bench.config.Servers;
import dev.handlermodels.loadtests.bench.config.Target;
import dev.handlermodels.loadtests.bench.options.TableOptions;
import dev.handlermodels.loadtests.bench.process.FastApi;
import dev.handlermodels.loadtests.bench.process.LoopbackClient;
import dev.handlermodels.loadtests.bench.row.Row;
import dev.handlermodels.loadtests.bench.transfer.RunSender;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ./bench}: measures the rows of the table. Its subcommands measure the scenarios. */
@Command(
    name = "bench",
    sortOptions = false,
    usageHelpAutoWidth = true,
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
    return options.target() == null ? startAndLoad() : loadTarget();
  }

  private int startAndLoad() throws IOException, InterruptedException {
    if (options.hasManagement()) {
      throw options.wrong("--management goes with --target.");
    }
    if (options.sendTo() != null) {
      throw options.wrong("--send-to goes with --target.");
    }
    FastApi fastApi = options.withFastApi() ? FastApi.find() : null;
    boolean withFastApi = fastApi != null && fastApi.isPresent();
    List<Row> chosen =
        Stream.of(Row.values())
            .filter(row -> options.choose(row) || withFastApi && row.isFastApi())
            .toList();
    if (chosen.isEmpty()) {
      throw options.wrong("--servers and --rows leave no row.");
    }
    Layout layout = options.layout();
    options.checkArrivals();
    options.checkStart(
        chosen.stream().filter(row -> !row.isFastApi()).map(row -> row.server).toList());
    if (fastApi != null) {
      System.out.println(fastApi.sentence());
    }
    return new Bench(layout, options.settings(), chosen, options.repeats(), fastApi, invocation())
        .run();
  }

  private int loadTarget() throws IOException, InterruptedException {
    if (options.withFastApi()) {
      throw options.wrong("--with-fastapi starts a server, and --target starts none.");
    }
    options.checkArrivals();
    Target.Identity found = identity();
    List<Row> chosen =
        Row.ours().stream()
            .filter(row -> row.server.equals(found.server()) && options.chooseOfTarget(row))
            .toList();
    if (chosen.isEmpty()) {
      throw options.wrong(
          String.format(
              Locale.ROOT,
              "%s is server '%s', and --rows leaves no row of it.",
              options.target(),
              found.server()));
    }
    for (Row row : chosen) {
      if (!found.offers(row.endpoint)) {
        throw options.wrong(
            String.format(
                Locale.ROOT,
                "%s does not serve %s; ANTI_PATTERNS=true turns it on.",
                options.target(),
                row.endpoint));
      }
    }
    Layout layout = options.layout();
    int exitCode =
        new Bench(layout, options.settings(), chosen, options.repeats(), null, invocation()).run();
    if (options.sendTo() != null) {
      RunSender.send(layout.out(), options.sendTo());
      System.out.println("sent to " + options.sendTo());
    }
    return exitCode;
  }

  private Invocation invocation() {
    return Invocation.of(spec.commandLine().getParseResult().originalArgs());
  }

  private Target.Identity identity() throws InterruptedException {
    try (LoopbackClient http = new LoopbackClient()) {
      Target.Identity identity = http.get(options.target() + "/", Target.Identity.class);
      if (identity == null || !Servers.ALL.contains(identity.server())) {
        throw options.wrong(
            String.format(
                Locale.ROOT,
                "%s does not answer GET / as one of %s does.",
                options.target(),
                Servers.text()));
      }
      return identity;
    }
  }

  /** A wrong option is answered with its sentence alone, not with the whole help. */
  static CommandLine commandLine() {
    CommandLine commandLine = new CommandLine(new BenchCommand());
    Scenarios.all().forEach(commandLine::addSubcommand);
    commandLine.addSubcommand(new ReportCommand());
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
