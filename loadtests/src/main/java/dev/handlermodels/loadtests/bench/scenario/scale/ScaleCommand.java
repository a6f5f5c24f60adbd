package dev.handlermodels.loadtests.bench.scenario.scale;

import dev.handlermodels.loadtests.bench.Scenario;
import dev.handlermodels.loadtests.bench.config.Layout;
import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.config.RunManifest;
import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.process.BenchRun;
import dev.handlermodels.loadtests.bench.process.LoopbackClient;
import dev.handlermodels.loadtests.bench.process.Progress;
import dev.handlermodels.loadtests.bench.row.Row;
import dev.handlermodels.loadtests.bench.sampling.HeapProbe;
import dev.handlermodels.loadtests.bench.sampling.OpenFiles;
import dev.handlermodels.loadtests.bench.scenario.ScenarioOptions;
import dev.handlermodels.loadtests.load.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./bench scale}. */
@Command(
    name = "scale",
    description = "The three right ways from 100 to 9000 users: how cost grows as work grows.")
public final class ScaleCommand implements Callable<Integer> {
  private static final List<Row> ROWS = List.of(Row.VERTX_IO, Row.NIMA_IO, Row.BLOCKING_IO);

  /** 9000 requests in flight do not fit into the heap of jvm.options on virtual threads. */
  private static final int HEAP_MIB = 1024;

  /** Longer than a look at the heap may take, which stops the server; the load ends after it. */
  private static final int TAIL_SECONDS = 20;

  private static final int TIMEOUT_MS = 30_000;

  @Mixin private ScenarioOptions options;

  @Option(
      names = "--users",
      split = ",",
      paramLabel = "N,...",
      description = "Only these of 100, 500, 1000, 2000, 5000 and 9000.")
  private List<Integer> users = List.of();

  /** One load that all three get. */
  private record Point(int users, int waitMs) {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (points().isEmpty()) {
      throw options.wrong("--users leaves no load.");
    }
    requireOpenFiles();
    return new BenchRun(options.layout()).run(Scenario.SCALE, this::measure);
  }

  private List<Point> points() {
    return all().stream()
        .filter(point -> users.isEmpty() || users.contains(point.users()))
        .toList();
  }

  private List<Point> all() {
    return options.quick && users.isEmpty()
        ? List.of(new Point(100, 1000), new Point(1000, 1000))
        : List.of(
            new Point(100, 1000),
            new Point(500, 1000),
            new Point(1000, 1000),
            new Point(2000, 1000),
            new Point(5000, 5000),
            new Point(9000, 5000));
  }

  private void requireOpenFiles() {
    int needed = OpenFiles.needed(points().stream().mapToInt(Point::users).max().orElseThrow());
    OptionalLong limit = OpenFiles.limit();
    if (limit.isPresent() && limit.getAsLong() < needed) {
      throw options.wrong(
          ("A process may open %d files here (ulimit -Hn), and this needs %d: raise the limit, or"
                  + " use --quick.")
              .formatted(limit.getAsLong(), needed));
    }
  }

  private Settings settings(Point point) {
    boolean quick = options.quick;
    boolean longWait = point.waitMs() > 1000;
    return new Settings(
            point.users(),
            point.waitMs(),
            quick ? 1 : longWait ? 10 : 5,
            quick ? 3 : longWait ? 20 : 12,
            quick ? 5 : 20,
            TIMEOUT_MS,
            1,
            40,
            40,
            options.port,
            options.managementPort,
            options.upstreamPort)
        .measuringHeap(HEAP_MIB, TAIL_SECONDS);
  }

  private int measure(BenchRun session, LoopbackClient loopback)
      throws IOException, InterruptedException {
    Path out = session.layout.out();
    Progress progress = options.progress(points().size() * ROWS.size());
    Json.write(ScaleAnalysis.points(out), points().stream().map(ScaleCommand::name).toList());
    for (Point point : points()) {
      Settings settings = settings(point);
      Path dir = Files.createDirectories(out.resolve(name(point)));
      String startedAt = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
      List<String> ids = ROWS.stream().map(Row::id).toList();
      Json.write(
          Layout.run(dir), new RunManifest(startedAt, Machine.here(session.layout), settings, ids));
      for (Row row : ROWS) {
        if (!session.stop.isAsked()) {
          progress.row(row.title());
          session
              .rowRunner(dir, settings, progress, loopback)
              .probe(new HeapProbe(settings, loopback))
              .run(row, 1);
        }
      }
    }
    progress.say("");
    return session.print(ScaleAnalysis.report(out), ScaleAnalysis.complete(out));
  }

  private static String name(Point point) {
    return point.users() + "-users-" + point.waitMs() + "-ms";
  }
}
