package dev.handlermodels.loadtests.bench;

import dev.handlermodels.loadtests.bench.config.Layout;
import dev.handlermodels.loadtests.bench.evidence.InjectorMerge;
import dev.handlermodels.loadtests.bench.report.ReportPageWriter;
import dev.handlermodels.loadtests.bench.report.ReportWriter;
import dev.handlermodels.loadtests.bench.report.TextReport;
import dev.handlermodels.loadtests.bench.scenario.ScenarioFile;
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
      "Makes one run of a folder with the runs of several injectors (--target, --out DIR/1, ...)."
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

  @Override
  public Integer call() throws IOException {
    Path out = dir.toAbsolutePath().normalize();
    if (InjectorMerge.isOf(out)) {
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
}
