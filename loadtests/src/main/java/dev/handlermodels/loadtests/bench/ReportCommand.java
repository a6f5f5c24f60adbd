package dev.handlermodels.loadtests.bench;

import dev.handlermodels.loadtests.bench.config.Layout;
import dev.handlermodels.loadtests.bench.evidence.InjectorMerge;
import dev.handlermodels.loadtests.bench.report.ReportPageWriter;
import dev.handlermodels.loadtests.bench.report.ReportWriter;
import dev.handlermodels.loadtests.bench.report.TextReport;
import dev.handlermodels.loadtests.bench.scenario.ScenarioFile;
import dev.handlermodels.loadtests.bench.transfer.RunReceiver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ./bench report DIR}. */
@Command(
    name = "report",
    description = {
      "Makes the report again from the raw files of a run. Nothing is started.",
      "Makes one run of a folder with the runs of several injectors (--target, --out DIR/1, ...).",
      "With --receive it takes these runs over HTTP first (--target, --send-to)."
    })
final class ReportCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "DIR", description = "The folder of the run, or of the runs.")
  private Path dir;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Print this.")
  private boolean help;

  private int receive;
  private int receivePort = 8080;
  private int withinMinutes = 60;

  @Option(
      names = "--receive",
      paramLabel = "N",
      description = "Waits until N injectors have sent their runs, 1 to 1000; DIR has to be empty.")
  void receive(String value) {
    receive = number("--receive", value, 1000);
  }

  @Option(
      names = "--receive-port",
      paramLabel = "PORT",
      description = "Where they send them, on all addresses of this machine; default 8080.")
  void receivePort(String value) {
    receivePort = number("--receive-port", value, 65_535);
  }

  @Option(
      names = "--receive-within",
      paramLabel = "MINUTES",
      description = "How long it waits for them, 1 to 1440; default 60.")
  void receiveWithin(String value) {
    withinMinutes = number("--receive-within", value, 1440);
  }

  private int number(String option, String value, int max) {
    if (!value.matches("[0-9]{1,6}")
        || Integer.parseInt(value) < 1
        || Integer.parseInt(value) > max) {
      throw new ParameterException(
          spec.commandLine(),
          String.format(
              Locale.ROOT, "%s takes a number from 1 to %s, not '%s'.", option, max, value));
    }
    return Integer.parseInt(value);
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path out = dir.toAbsolutePath().normalize();
    if (receive > 0) {
      receiveInto(out);
    }
    // A scenario may keep runs in folders of its own, as open-vs-closed does.
    if (Files.notExists(ScenarioFile.of(out)) && InjectorMerge.isOf(out)) {
      InjectorMerge.write(out);
    }
    if (Files.notExists(ScenarioFile.of(out)) && Files.notExists(Layout.run(out))) {
      throw new ParameterException(
          spec.commandLine(),
          String.format(Locale.ROOT, "%s holds no run of the bench to report on.", dir));
    }
    System.out.print(
        Files.exists(ScenarioFile.of(out))
            ? ReportPageWriter.terminal(Scenarios.rewrite(out))
            : TextReport.terminal(ReportWriter.write(out)));
    System.out.println(out.resolve("report.html"));
    return 0;
  }

  private void receiveInto(Path out) throws IOException, InterruptedException {
    if (InjectorMerge.isOf(out) || Files.exists(Layout.run(out))) {
      throw new ParameterException(
          spec.commandLine(),
          String.format(Locale.ROOT, "%s holds runs already; --receive needs a new folder.", dir));
    }
    try (RunReceiver receiver = RunReceiver.open(out, receive, receivePort)) {
      System.out.println("waiting for the runs of " + receive + " injectors");
      receiver.await(withinMinutes);
    }
  }
}
