package dev.handlermodels.loadtests.bench.scenario.scale;

import dev.handlermodels.loadtests.bench.config.RunManifest;
import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.process.BenchRun;
import dev.handlermodels.loadtests.bench.process.Progress;
import dev.handlermodels.loadtests.bench.report.ReportPage;
import dev.handlermodels.loadtests.bench.row.RowRunner;
import dev.handlermodels.loadtests.bench.sampling.HeapProbe;
import dev.handlermodels.loadtests.bench.scenario.ScenarioCommand;
import dev.handlermodels.loadtests.bench.servers.Row;
import dev.handlermodels.loadtests.bench.servers.Servers;
import dev.handlermodels.loadtests.load.Json;
import dev.handlermodels.loadtests.load.OpenFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./bench scale}. */
@Command(
    name = "scale",
    description = "The three right ways from 100 to 9000 users: how CPU and memory grow.")
public final class ScaleCommand extends ScenarioCommand {
  private static final List<Row> ROWS =
      List.of(
          Servers.row(Servers.EVENT_LOOP, "/io"),
          Servers.row(Servers.VIRTUAL_THREADS, "/io"),
          Servers.row(Servers.THREAD_POOL, "/io"));

  /** 9000 requests in flight do not fit into the heap of jvm.options on virtual threads. */
  private static final int HEAP_MIB = 1024;

  /** Longer than a look at the heap may take, which stops the server; the load ends after it. */
  private static final int TAIL_SECONDS = 20;

  @Option(
      names = "--users",
      split = ",",
      paramLabel = "N,...",
      description = "Only these numbers of users, of 100, 500, 1000, 2000, 5000 and 9000.")
  private List<Integer> users = List.of();

  /** A load that all three servers get. */
  private record Point(int users, int waitMs) {}

  @Override
  protected void check() {
    if (points().isEmpty()) {
      throw options.wrong("--users leaves no load.");
    }
    int most = points().stream().mapToInt(Point::users).max().orElseThrow();
    options.checkOpenFiles(OpenFiles.needed(most), ": raise the limit, or use --quick");
  }

  private List<Point> points() {
    return all().stream()
        .filter(point -> users.isEmpty() || users.contains(point.users()))
        .toList();
  }

  private List<Point> all() {
    return options.quick() && users.isEmpty()
        ? List.of(new Point(100, 1000), new Point(1000, 1000))
        : List.of(
            new Point(100, 1000),
            new Point(500, 1000),
            new Point(1000, 1000),
            new Point(2000, 1000),
            new Point(5000, 5000),
            new Point(9000, 5000));
  }

  private Settings settings(Point point) {
    boolean longWait = point.waitMs() > 1000;
    return options
        .settings(
            point.users(),
            point.waitMs(),
            options.quickOr(1, longWait ? 10 : 5),
            options.quickOr(3, longWait ? 20 : 12),
            options.quickOr(5, 20))
        .measuringHeap(HEAP_MIB, TAIL_SECONDS);
  }

  @Override
  protected int plannedRows() {
    return points().size() * ROWS.size();
  }

  @Override
  protected void measure(BenchRun run, Progress progress) throws IOException, InterruptedException {
    Path out = run.layout.out();
    Json.write(ScaleAnalysis.points(out), points().stream().map(ScaleCommand::name).toList());
    for (Point point : points()) {
      Settings settings = settings(point);
      Path dir = out.resolve(name(point));
      RunManifest.begin(dir, run.layout, settings, ROWS.stream().map(Row::id).toList());
      for (Row row : ROWS) {
        if (!run.stop.isAsked()) {
          progress.row(row.title());
          RowRunner.of(run, dir, settings, progress)
              .probe(new HeapProbe(settings, run.http))
              .run(row, 1);
        }
      }
    }
  }

  @Override
  public ReportPage report(Path out) throws IOException {
    return ScaleAnalysis.report(out);
  }

  @Override
  protected boolean complete(Path out) throws IOException {
    return ScaleAnalysis.complete(out);
  }

  private static String name(Point point) {
    return point.users() + "-users-" + point.waitMs() + "-ms";
  }
}
