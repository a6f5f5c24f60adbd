package dev.handlermodels.loadtests.bench;

import dev.handlermodels.loadtests.bench.config.Invocation;
import dev.handlermodels.loadtests.bench.config.Layout;
import dev.handlermodels.loadtests.bench.config.RunManifest;
import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.evidence.Results;
import dev.handlermodels.loadtests.bench.process.BenchRun;
import dev.handlermodels.loadtests.bench.process.Progress;
import dev.handlermodels.loadtests.bench.profile.ProfileProbe;
import dev.handlermodels.loadtests.bench.report.ReportWriter;
import dev.handlermodels.loadtests.bench.report.TextReport;
import dev.handlermodels.loadtests.bench.row.RowRunner;
import dev.handlermodels.loadtests.bench.servers.Row;
import dev.handlermodels.loadtests.bench.servers.ServerDescription;
import dev.handlermodels.loadtests.bench.servers.Servers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** One run of the bench: its rows one after the other, then the report. */
public final class Bench {
  private final Layout layout;
  private final Settings settings;
  private final List<Row> rows;
  private final int repeats;
  private final List<ServerDescription> servers;
  private final List<String> notes;
  private final Invocation invocation;
  private final boolean profile;
  private final boolean quick;

  /**
   * @param servers of the rows
   * @param notes for the report
   * @param profile whether servers are profiled after their window
   */
  Bench(
      Layout layout,
      Settings settings,
      List<Row> rows,
      List<ServerDescription> servers,
      int repeats,
      List<String> notes,
      Invocation invocation,
      boolean profile,
      boolean quick) {
    this.layout = layout;
    this.settings = settings;
    this.rows = rows;
    this.repeats = repeats;
    this.servers = servers;
    this.notes = notes;
    this.invocation = invocation;
    this.profile = profile;
    this.quick = quick;
  }

  /** {@code ./bench}. */
  public static void main(String[] args) {
    System.exit(BenchCommand.commandLine().execute(args));
  }

  /** The exit code: 0 where every row is complete. */
  int run() throws IOException, InterruptedException {
    return new BenchRun(layout).run(this::measure);
  }

  private int measure(BenchRun run) throws IOException, InterruptedException {
    Progress progress = Progress.of(rows.size() * repeats);
    List<String> ids = rows.stream().map(Row::id).toList();
    invocation.write(layout.out());
    RunManifest.begin(layout.out(), layout, settings, ids, repeats, notes, servers);
    for (int repeat = 1; repeat <= repeats; repeat++) {
      runAll(repeat, run, progress);
    }
    progress.say("");
    return report();
  }

  /** Repeats are interleaved, so that a machine that grows slower is slower for every row. */
  private void runAll(int repeat, BenchRun run, Progress progress)
      throws IOException, InterruptedException {
    for (Row row : rows) {
      if (!run.stop.isAsked()) {
        progress.row(row.title());
        runner(row, run, progress).servers(servers).run(row, repeat);
      }
    }
  }

  /** Servers that are no JVM of ours are not looked into. */
  private RowRunner runner(Row row, BenchRun run, Progress progress) {
    if (!profile || !Servers.ALL.contains(row.server())) {
      return RowRunner.of(run, layout.out(), settings, progress);
    }
    ProfileProbe probe =
        new ProfileProbe(run.http, run.stop, settings.managementUrl() + "/threads", quick);
    return RowRunner.of(run, layout.out(), settings, progress).probe(probe);
  }

  private int report() throws IOException {
    Results results = ReportWriter.write(layout.out());
    linkLatest();
    System.out.print(TextReport.terminal(results));
    System.out.print(ReportWriter.profiles(layout.out()));
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
