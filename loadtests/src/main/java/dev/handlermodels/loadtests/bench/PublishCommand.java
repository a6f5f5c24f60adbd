package dev.handlermodels.loadtests.bench;

import dev.handlermodels.loadtests.bench.report.PublishedRun;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./bench publish DIR}. */
@Command(
    name = "publish",
    description = {
      "Copies report, figures and charts of a complete run to docs/results, to be committed.",
      "Logs and records stay where they are. Nothing is started."
    })
final class PublishCommand implements Callable<Integer> {
  @Parameters(paramLabel = "DIR", description = "The folder of the run.")
  private Path dir;

  @Option(
      names = "--into",
      paramLabel = "DIR",
      description = "The folder of the results (docs/results of the project).")
  private Path into;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Print this.")
  private boolean help;

  @Override
  public Integer call() throws IOException {
    Path results =
        into == null
            ? Path.of(System.getProperty("bench.root", ".")).resolve("docs/results")
            : into;
    System.out.println(PublishedRun.publish(dir.toAbsolutePath().normalize(), results));
    return 0;
  }
}
