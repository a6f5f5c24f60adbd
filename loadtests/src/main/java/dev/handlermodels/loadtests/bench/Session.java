package dev.handlermodels.loadtests.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The processes of a run, and what happens to them on Ctrl-C: they end, and the report of what was
 * measured is still written.
 */
final class Session {
  private static final long REPORT_WITHIN_SECONDS = 30;

  final Layout layout;
  final Children children;
  final Stop stop = new Stop();
  private final CountDownLatch done = new CountDownLatch(1);

  Session(Layout layout) {
    this.layout = layout;
    children = new Children(layout.root());
  }

  /** What a run does between start and end. */
  interface Body {
    /** The exit code: 0 where everything is complete. */
    int run(Session session, Loopback loopback) throws IOException, InterruptedException;
  }

  int run(Scenario scenario, Body body) throws IOException, InterruptedException {
    Files.createDirectories(layout.out());
    scenario.mark(layout.out());
    return run(body);
  }

  int run(Body body) throws IOException, InterruptedException {
    Files.createDirectories(layout.out());
    Runtime.getRuntime().addShutdownHook(new Thread(this::interrupt, "bench-interrupt"));
    try (Loopback loopback = new Loopback()) {
      return body.run(this, loopback);
    } finally {
      children.close();
      done.countDown();
    }
  }

  RowRunner rowRunner(Path out, Settings settings, Progress progress, Loopback loopback) {
    return new RowRunner(
        new Layout(layout.root(), out), settings, children, stop, progress, loopback);
  }

  /** The table, and the path of the page as the last line. */
  int print(Page page, boolean complete) {
    System.out.print(ScenarioReport.terminal(page));
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
