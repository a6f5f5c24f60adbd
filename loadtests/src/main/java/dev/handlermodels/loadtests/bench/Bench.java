package dev.handlermodels.loadtests.bench;

import dev.handlermodels.loadtests.Json;
import java.io.Console;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/** One run of the bench: its rows one after the other, then the report. */
public final class Bench {
  private final Layout layout;
  private final Settings settings;
  private final List<Row> rows;
  private final int repeats;
  private final FastApi fastApi;

  /**
   * @param fastApi null where it was not asked for
   */
  Bench(Layout layout, Settings settings, List<Row> rows, int repeats, FastApi fastApi) {
    this.layout = layout;
    this.settings = settings;
    this.rows = rows;
    this.repeats = repeats;
    this.fastApi = fastApi;
  }

  /** {@code ./bench}. */
  public static void main(String[] args) {
    System.exit(BenchCommand.commandLine().execute(args));
  }

  /** The exit code: 0 where every row is complete. */
  int run() throws IOException, InterruptedException {
    return new Session(layout).run(this::measure);
  }

  private int measure(Session session, Loopback loopback) throws IOException, InterruptedException {
    Console console = System.console();
    boolean terminal = console != null && console.isTerminal();
    Progress progress = new Progress(System.out, terminal, rows.size() * repeats);
    String startedAt = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    Machine machine = Machine.here(layout);
    Json.write(
        Layout.run(layout.out()),
        new Run(
            startedAt, machine, settings, rows.stream().map(Row::id).toList(), repeats, notes()));
    for (int repeat = 1; repeat <= repeats; repeat++) {
      runAll(repeat, session, progress, loopback);
    }
    progress.say("");
    return report();
  }

  private List<String> notes() {
    if (settings.target() != null) {
      return List.of(settings.target().sentence());
    }
    return fastApi == null ? List.of() : List.of(fastApi.sentence());
  }

  /** Repeats are interleaved, so that a machine that grows slower is slower for every row. */
  private void runAll(int repeat, Session session, Progress progress, Loopback loopback)
      throws IOException, InterruptedException {
    for (Row row : rows) {
      if (!session.stop.isAsked()) {
        progress.row(row);
        session
            .rowRunner(layout.out(), settings, progress, loopback)
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
}
