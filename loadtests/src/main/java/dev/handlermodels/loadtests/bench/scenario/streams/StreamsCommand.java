package dev.handlermodels.loadtests.bench.scenario.streams;

import dev.handlermodels.loadtests.bench.Scenario;
import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.process.BenchRun;
import dev.handlermodels.loadtests.bench.process.LoopbackClient;
import dev.handlermodels.loadtests.bench.process.MeasurementException;
import dev.handlermodels.loadtests.bench.process.Progress;
import dev.handlermodels.loadtests.bench.sampling.OpenFiles;
import dev.handlermodels.loadtests.bench.scenario.ScenarioOptions;
import dev.handlermodels.loadtests.load.Json;
import dev.handlermodels.loadtests.load.Limits;
import dev.handlermodels.loadtests.load.StreamLoad;
import java.io.IOException;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./bench streams}. */
@Command(
    name = "streams",
    description = "Thousands of server-sent event streams at once, and what one of them costs.")
public final class StreamsCommand implements Callable<Integer> {
  private static final List<String> SERVERS = List.of("vertx", "nima", "blocking");
  private static final Limits STREAMS = new Limits(1, 10_000);
  private static final Limits EVERY_MS = new Limits(1, 60_000);
  private static final int OPEN_WITHIN_MS = 60_000;

  /** Longer than a look at the heap may take. */
  private static final int TAIL_MS = 30_000;

  /** The longest stream that a server accepts. */
  private static final int MAX_STREAM_MS = 3_600_000;

  private static final int MAX_ITEMS = 100_000;

  @Mixin private ScenarioOptions options;

  @Option(
      names = "--streams",
      paramLabel = "N",
      description = "At once on each server, 1 to 10000; default ${DEFAULT-VALUE}.")
  private int streams = StreamsAnalysis.TARGET_STREAMS;

  @Option(
      names = "--every",
      paramLabel = "MS",
      description =
          "From one item to the next on each stream, 1 to 60000 ms; default ${DEFAULT-VALUE}.")
  private int everyMs = 1000;

  @Override
  public Integer call() throws IOException, InterruptedException {
    options.check("--streams", streams, STREAMS);
    options.check("--every", everyMs, EVERY_MS);
    requireOpenFiles();
    return new BenchRun(options.layout()).run(Scenario.STREAMS, this::measure);
  }

  private void requireOpenFiles() {
    OptionalLong limit = OpenFiles.limit();
    int needed = OpenFiles.needed(streams);
    if (limit.isPresent() && limit.getAsLong() < needed) {
      throw options.wrong(
          ("A process may open %d files here (ulimit -Hn), and this needs %d: raise the limit, or"
                  + " use fewer --streams.")
              .formatted(limit.getAsLong(), needed));
    }
  }

  private StreamLoad.Plan plan() {
    return new StreamLoad.Plan(
        options.port,
        streams,
        Math.min(MAX_ITEMS, MAX_STREAM_MS / everyMs),
        everyMs,
        OPEN_WITHIN_MS,
        options.quick ? 3_000 : 10_000,
        options.quick ? 5_000 : 20_000,
        TAIL_MS);
  }

  private int measure(BenchRun session, LoopbackClient loopback)
      throws IOException, InterruptedException {
    Progress progress = options.progress(SERVERS.size());
    StreamsAnalysis.Plan plan = new StreamsAnalysis.Plan(Machine.here(session.layout), plan());
    Json.write(StreamsAnalysis.plan(session.layout.out()), plan);
    StreamsRun run =
        new StreamsRun(
            session, loopback, progress, plan.load(), options.managementPort, options.upstreamPort);
    for (String server : SERVERS) {
      if (!session.stop.isAsked()) {
        progress.row(server);
        try {
          run.run(server);
        } catch (MeasurementException e) {
          progress.say(server + ": " + e.getMessage());
          e.lastLogLines().forEach(progress::say);
        }
      }
    }
    progress.say("");
    return session.print(
        StreamsAnalysis.report(session.layout.out()),
        StreamsAnalysis.complete(session.layout.out()));
  }
}
