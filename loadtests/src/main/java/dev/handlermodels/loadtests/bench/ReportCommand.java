package dev.handlermodels.loadtests.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./bench report DIR}. */
@Command(
    name = "report",
    description = "Makes the report again from the raw files of a run; nothing is started.")
final class ReportCommand implements Callable<Integer> {
  @Parameters(paramLabel = "DIR", description = "The folder of the run.")
  private Path dir;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Print this.")
  private boolean help;

  @Override
  public Integer call() throws IOException {
    Path out = dir.toAbsolutePath().normalize();
    System.out.print(
        Files.exists(Scenario.file(out))
            ? ScenarioReport.terminal(Scenario.rewrite(out))
            : TextReport.terminal(ReportWriter.write(out)));
    System.out.println(out.resolve("report.html"));
    return 0;
  }
}
