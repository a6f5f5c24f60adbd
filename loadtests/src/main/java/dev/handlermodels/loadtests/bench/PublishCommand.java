package dev.handlermodels.loadtests.bench;

import dev.handlermodels.loadtests.bench.published.FigureBlocks;
import dev.handlermodels.loadtests.bench.published.PublishedRun;
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
      "Copies report, figures and charts of a complete run to docs/results, and writes the figures",
      "in README.md and docs anew from the newest runs there. Logs and records stay where they",
      "are. Nothing is started."
    })
final class PublishCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "DIR",
      arity = "0..1",
      description = "The folder of the run. Without it only the figures are written anew.")
  private Path dir;

  @Option(
      names = "--into",
      paramLabel = "DIR",
      description =
          "Another folder for the results than docs/results; no document is changed then.")
  private Path into;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Print this.")
  private boolean help;

  @Override
  public Integer call() throws IOException {
    Path root = Path.of(System.getProperty("bench.root", "."));
    if (dir != null) {
      Path results = into == null ? root.resolve("docs/results") : into;
      System.out.println(PublishedRun.publish(dir.toAbsolutePath().normalize(), results));
    }
    if (into == null) {
      new FigureBlocks(root).renew().forEach(System.out::println);
    }
    return 0;
  }
}
