package dev.handlermodels.loadtests.bench;

import dev.handlermodels.loadtests.Json;
import java.io.Console;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** One run of the bench: its rows one after the other, then the report. */
public final class Bench {
  private static final long REPORT_WITHIN_SECONDS = 30;

  private final Layout layout;
  private final Settings settings;
  private final List<Row> rows;
  private final int repeats;
  private final FastApi fastApi;
  private final Children children;
  private final Stop stop = new Stop();
  private final CountDownLatch done = new CountDownLatch(1);

  /**
   * @param fastApi null where it was not asked for
   */
  Bench(Layout layout, Settings settings, List<Row> rows, int repeats, FastApi fastApi) {
    this.layout = layout;
    this.settings = settings;
    this.rows = rows;
    this.repeats = repeats;
    this.fastApi = fastApi;
    children = new Children(layout.root());
  }

  /** {@code ./bench}. */
  public static void main(String[] args) {
    System.exit(BenchCommand.commandLine().execute(args));
  }

  /** The exit code: 0 where every row is complete. */
  int run() throws IOException, InterruptedException {
    Files.createDirectories(layout.out());
    Runtime.getRuntime().addShutdownHook(new Thread(this::interrupt, "bench-interrupt"));
    try {
      return measure();
    } finally {
      children.close();
      done.countDown();
    }
  }

  private int measure() throws IOException, InterruptedException {
    Console console = System.console();
    boolean terminal = console != null && console.isTerminal();
    Progress progress = new Progress(System.out, terminal, rows.size() * repeats);
    String startedAt = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    Machine machine = Machine.here(layout);
    Json.write(
        Layout.run(layout.out()),
        new Run(
            startedAt, machine, settings, rows.stream().map(Row::id).toList(), repeats, notes()));
    try (Loopback loopback = new Loopback()) {
      for (int repeat = 1; repeat <= repeats; repeat++) {
        runAll(repeat, progress, loopback);
      }
    }
    progress.say("");
    return report();
  }

  private List<String> notes() {
    return fastApi == null ? List.of() : List.of(fastApi.sentence());
  }

  /** Repeats are interleaved, so that a machine that grows slower is slower for every row. */
  private void runAll(int repeat, Progress progress, Loopback loopback)
      throws IOException, InterruptedException {
    for (Row row : rows) {
      if (!stop.isAsked()) {
        progress.row(row);
        new RowRunner(layout, settings, children, stop, progress, loopback)
            .fastApi(fastApi)
            .run(row, repeat);
      }
    }
  }

  private int report() throws IOException {
    Results results = ReportWriter.write(layout.out());
    linkLatest();
    System.out.print(TextReport.terminal(results));
    System.out.println(layout.out().resolve("report.html"));
    boolean complete =
        results.notRun().isEmpty()
            && results.rows().stream().allMatch(row -> row.status().equals("complete"));
    return complete ? 0 : 1;
  }

  /** {@code target/bench/latest}; a file system without links goes without it. */
  private void linkLatest() {
    Path latest = layout.root().resolve("target/bench/latest");
    try {
      Files.createDirectories(latest.getParent());
      Files.deleteIfExists(latest);
      Files.createSymbolicLink(latest, latest.getParent().relativize(layout.out()));
    } catch (IOException | UnsupportedOperationException e) {
      System.err.println("No link " + latest + ": " + e.getMessage());
    }
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
