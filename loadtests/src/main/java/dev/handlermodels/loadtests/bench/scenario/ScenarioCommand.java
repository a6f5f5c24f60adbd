package dev.handlermodels.loadtests.bench.scenario;

import dev.handlermodels.loadtests.bench.config.Invocation;
import dev.handlermodels.loadtests.bench.options.ScenarioOptions;
import dev.handlermodels.loadtests.bench.process.BenchRun;
import dev.handlermodels.loadtests.bench.process.MeasurementException;
import dev.handlermodels.loadtests.bench.process.Progress;
import dev.handlermodels.loadtests.bench.report.ReportPage;
import dev.handlermodels.loadtests.bench.report.ReportPageWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * A subcommand of the bench that measures one question. It leaves raw files in its folder, and its
 * report comes from those files alone.
 */
public abstract class ScenarioCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin protected ScenarioOptions options;

  /** One measurement, which may fail without ending the scenario. */
  protected interface Measurement {
    void run() throws IOException, InterruptedException, MeasurementException;
  }

  /** Its name in scenario.json: {@code OPEN_VS_CLOSED} for {@code open-vs-closed}. */
  public final String id() {
    return getClass()
        .getAnnotation(Command.class)
        .name()
        .toUpperCase(Locale.ROOT)
        .replace('-', '_');
  }

  @Override
  public final Integer call() throws IOException, InterruptedException {
    check();
    ReportPage known = withoutRun();
    if (known != null) {
      System.out.print(ReportPageWriter.terminal(known));
      return 0;
    }
    return new BenchRun(options.layout()).run(this::run);
  }

  private int run(BenchRun run) throws IOException, InterruptedException {
    Path out = run.layout.out();
    ScenarioFile.write(out, id());
    Invocation.of(spec.root().commandLine().getParseResult().originalArgs()).write(out);
    Progress progress = options.progress(plannedRows());
    measure(run, progress);
    progress.say("");
    System.out.print(ReportPageWriter.terminal(report(out)));
    System.out.println(out.resolve("report.html"));
    return complete(out) ? 0 : 1;
  }

  /** Refuses wrong options before anything is started. */
  protected void check() {}

  /** An answer for which nothing has to be measured; null where there is none. */
  protected ReportPage withoutRun() {
    return null;
  }

  /** How many rows {@link #measure} will begin, for the progress line. */
  protected abstract int plannedRows();

  /** Measures everything and leaves the raw files. */
  protected abstract void measure(BenchRun run, Progress progress)
      throws IOException, InterruptedException;

  /** Writes results.json, report.md and report.html from the raw files. */
  public abstract ReportPage report(Path out) throws IOException;

  /** Whether nothing is missing; called after {@link #report}. */
  protected abstract boolean complete(Path out) throws IOException;

  /**
   * Measures one row, unless Ctrl-C has been pressed. Where the measurement fails, prints why.
   *
   * @return whether it succeeded
   */
  protected static boolean attempt(
      BenchRun run, Progress progress, String row, Measurement measurement)
      throws IOException, InterruptedException {
    if (run.stop.isAsked()) {
      return false;
    }
    progress.row(row);
    try {
      measurement.run();
      return true;
    } catch (MeasurementException e) {
      progress.failed(row, e);
      return false;
    } finally {
      run.children.stopAll();
    }
  }
}
