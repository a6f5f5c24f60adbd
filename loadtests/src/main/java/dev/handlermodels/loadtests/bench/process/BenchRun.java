package dev.handlermodels.loadtests.bench.process;

import dev.handlermodels.loadtests.bench.Scenario;
import dev.handlermodels.loadtests.bench.config.Layout;
import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.report.ReportPage;
import dev.handlermodels.loadtests.bench.report.ReportPageWriter;
import dev.handlermodels.loadtests.bench.row.RowRunner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The processes of a run, and what happens to them on Ctrl-C: they end, and the report of what was
 * measured is still written.
 */
public final class BenchRun {
  private static final long REPORT_WITHIN_SECONDS = 30;

  public final Layout layout;
  public final ChildProcesses children;
  public final StopSignal stop = new StopSignal();
  private final CountDownLatch done = new CountDownLatch(1);

  public BenchRun(Layout layout) {
    this.layout = layout;
    children = new ChildProcesses(layout.root());
  }

  /** What a run does between start and end. */
  public interface Body {
    /** The exit code: 0 where everything is complete. */
    int run(BenchRun session, LoopbackClient loopback) throws IOException, InterruptedException;
  }

  public int run(Scenario scenario, Body body) throws IOException, InterruptedException {
    Files.createDirectories(layout.out());
    scenario.mark(layout.out());
    return run(body);
  }

  public int run(Body body) throws IOException, InterruptedException {
    Files.createDirectories(layout.out());
    Runtime.getRuntime().addShutdownHook(new Thread(this::interrupt, "bench-interrupt"));
    try (LoopbackClient loopback = new LoopbackClient()) {
      return body.run(this, loopback);
    } finally {
      children.close();
      done.countDown();
    }
  }

  public RowRunner rowRunner(
      Path out, Settings settings, Progress progress, LoopbackClient loopback) {
    return new RowRunner(
        new Layout(layout.root(), out), settings, children, stop, progress, loopback);
  }

  /** The table, and the path of the page as the last line. */
  public int print(ReportPage page, boolean complete) {
    System.out.print(ReportPageWriter.terminal(page));
    System.out.println(layout.out().resolve("report.html"));
    return complete ? 0 : 1;
  }

  /** Runs at every exit; does nothing where the run has ended by itself. */
  private void interrupt() {
    stop.ask();
    children.close();
    try {
      if (!done.await(REPORT_WITHIN_SECONDS, TimeUnit.SECONDS)) {
        System.err.println("The report of what was measured did not get ready in time.");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
