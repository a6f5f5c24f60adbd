package dev.handlermodels.loadtests.bench.process;

import dev.handlermodels.loadtests.bench.config.Layout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * One run of the bench: its folders, the processes that it has started, and Ctrl-C. On Ctrl-C the
 * processes end, and the bench still writes the report of what it has measured.
 */
public final class BenchRun implements AutoCloseable {
  private static final long REPORT_WITHIN_SECONDS = 30;
  private static final long READY_WITHIN_MS = 20_000;
  private static final long POLL_MS = 20;

  public final Layout layout;
  public final ChildProcesses children;
  public final StopSignal stop = new StopSignal();
  public final LoopbackClient http = new LoopbackClient();
  private final CountDownLatch done = new CountDownLatch(1);

  public BenchRun(Layout layout) {
    this.layout = layout;
    children = new ChildProcesses(layout.root());
  }

  /** The work of a run between its start and its end. */
  public interface Body {
    /** The exit code: 0 where everything is complete. */
    int run(BenchRun run) throws IOException, InterruptedException;
  }

  /** Runs the body; nothing that it started is left running. */
  public int run(Body body) throws IOException, InterruptedException {
    Files.createDirectories(layout.out());
    Runtime.getRuntime().addShutdownHook(new Thread(this::interrupt, "bench-interrupt"));
    try (this) {
      return body.run(this);
    }
  }

  /** A folder of this run's raw files, which is made here. */
  public Path folder(String name) throws IOException {
    return Files.createDirectories(layout.out().resolve(name));
  }

  /** The folder of one row's raw files. */
  public Path rowFolder(String name) throws IOException {
    return folder("rows/" + name);
  }

  /** Returns when the URL answers; fails where the process ends before, or takes too long. */
  public void awaitReady(ChildProcess child, String url)
      throws InterruptedException, MeasurementException {
    long untilNs = System.nanoTime() + READY_WITHIN_MS * 1_000_000;
    while (!http.answers(url)) {
      if (!child.isAlive() || System.nanoTime() > untilNs) {
        throw new MeasurementException(
            child.name + " " + child.ending() + " and is not ready.", child.lastLogLines());
      }
      stop.pause(POLL_MS);
    }
  }

  @Override
  public void close() {
    children.close();
    http.close();
    done.countDown();
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
