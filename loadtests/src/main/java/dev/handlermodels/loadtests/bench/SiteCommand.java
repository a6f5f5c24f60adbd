package dev.handlermodels.loadtests.bench;

import dev.handlermodels.loadtests.bench.published.ResultsSite;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./bench site DIR}. */
@Command(
    name = "site",
    description = {
      "Makes web pages of all committed runs in docs/results: an index, and a page for each run.",
      "The workflow 'pages' publishes them. Nothing is started."
    })
final class SiteCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "DIR",
      defaultValue = "target/site",
      arity = "0..1",
      description = "Where the pages go. Default target/site.")
  private Path out;

  @Option(
      names = "--repository",
      paramLabel = "URL",
      description = "The address of the project, to which the pages link.")
  private String repository;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Print this.")
  private boolean help;

  @Override
  public Integer call() throws IOException {
    Path root = Path.of(System.getProperty("bench.root", "."));
    System.out.println(ResultsSite.write(root.resolve("docs/results"), out, repository));
    return 0;
  }
}
