package dev.handlermodels.loadtests.bench.scenario.streams;

import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.process.BenchRun;
import dev.handlermodels.loadtests.bench.process.Progress;
import dev.handlermodels.loadtests.bench.report.ReportPage;
import dev.handlermodels.loadtests.bench.scenario.ScenarioCommand;
import dev.handlermodels.loadtests.bench.servers.Servers;
import dev.handlermodels.loadtests.load.Json;
import dev.handlermodels.loadtests.load.Limits;
import dev.handlermodels.loadtests.load.OpenFiles;
import dev.handlermodels.loadtests.load.StreamLoad;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./bench streams}. */
@Command(
    name = "streams",
    description = "Thousands of server-sent event streams at once, and what one of them costs.")
public final class StreamsCommand extends ScenarioCommand {
  private static final Limits STREAMS = new Limits(1, 10_000);
  private static final Limits EVERY_MS = new Limits(1, 60_000);
  private static final int OPEN_WITHIN_MS = 60_000;

  /** Longer than a look at the heap may take. */
  private static final int TAIL_MS = 30_000;

  /** The longest stream that a server accepts. */
  private static final int MAX_STREAM_MS = 3_600_000;

  private static final int MAX_ITEMS = 100_000;

  @Option(
      names = "--streams",
      paramLabel = "N",
      description = "Streams at once on each server, 1 to 10000; default ${DEFAULT-VALUE}.")
  private int streams = StreamsAnalysis.TARGET_STREAMS;

  @Option(
      names = "--every",
      paramLabel = "MS",
      description =
          "Time from one item to the next on each stream, 1 to 60000 ms; default ${DEFAULT-VALUE}.")
  private int everyMs = 1000;

  @Override
  protected void check() {
    options.check("--streams", streams, STREAMS);
    options.check("--every", everyMs, EVERY_MS);
    options.checkOpenFiles(OpenFiles.needed(streams), ": raise the limit, or use fewer --streams");
  }

  private StreamLoad.Plan plan() {
    return new StreamLoad.Plan(
        options.settings(streams, 0).port(),
        streams,
        Math.min(MAX_ITEMS, MAX_STREAM_MS / everyMs),
        everyMs,
        OPEN_WITHIN_MS,
        options.quick() ? 3_000 : 10_000,
        options.quick() ? 5_000 : 20_000,
        TAIL_MS);
  }

  @Override
  protected int plannedRows() {
    return Servers.ALL.size();
  }

  @Override
  protected void measure(BenchRun run, Progress progress) throws IOException, InterruptedException {
    Path out = run.layout.out();
    StreamsAnalysis.Plan plan = new StreamsAnalysis.Plan(Machine.here(run.layout), plan());
    Json.write(StreamsAnalysis.plan(out), plan);
    StreamsRun streamsRun =
        new StreamsRun(run, options.settings(streams, 0), progress, plan.load());
    for (String server : Servers.ALL) {
      attempt(run, progress, server, () -> streamsRun.run(server));
    }
  }

  @Override
  public ReportPage report(Path out) throws IOException {
    return StreamsAnalysis.report(out);
  }

  @Override
  protected boolean complete(Path out) throws IOException {
    return StreamsAnalysis.complete(out);
  }
}
