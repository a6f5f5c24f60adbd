package dev.handlermodels.loadtests.bench.scenario.chat;

import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.process.BenchRun;
import dev.handlermodels.loadtests.bench.process.Progress;
import dev.handlermodels.loadtests.bench.report.ReportPage;
import dev.handlermodels.loadtests.bench.scenario.ScenarioCommand;
import dev.handlermodels.loadtests.bench.scenario.chat.ChatAnalysis.Row;
import dev.handlermodels.loadtests.load.ChatLoad;
import dev.handlermodels.loadtests.load.Json;
import dev.handlermodels.loadtests.load.Limits;
import dev.handlermodels.loadtests.load.OpenFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./bench chat}. */
@Command(
    name = "chat",
    description = "Thousands of WebSockets in chat rooms, and what a delivery costs.")
public final class ChatCommand extends ScenarioCommand {
  private static final Limits CONNECTIONS = new Limits(100, 10_000);
  private static final Limits DELIVERIES = new Limits(100, 100_000);
  private static final int OPEN_WITHIN_MS = 60_000;

  @Option(
      names = "--connections",
      paramLabel = "N",
      split = ",",
      description = "WebSockets at once, each 100 to 10000; default 1000,10000.")
  private List<Integer> connections = List.of(1000, 10_000);

  @Option(
      names = "--deliveries",
      paramLabel = "N",
      description =
          "Messages a second times the size of a room, 100 to 100000; default ${DEFAULT-VALUE}.")
  private int deliveries = 10_000;

  @Override
  protected void check() {
    connections.forEach(count -> options.check("--connections", count, CONNECTIONS));
    options.check("--deliveries", deliveries, DELIVERIES);
    int most = connections.stream().mapToInt(Integer::intValue).max().orElseThrow();
    options.checkOpenFiles(
        OpenFiles.neededForConnections(most), ": raise the limit, or use fewer --connections");
  }

  private List<Row> rows() {
    return Row.all(connections);
  }

  private ChatLoad.Plan plan(Row row) {
    return new ChatLoad.Plan(
        options.settings(row.connections(), 0).port(),
        row.connections(),
        row.roomSize(),
        deliveries,
        OPEN_WITHIN_MS,
        options.quick() ? 3_000 : 10_000,
        options.quick() ? 5_000 : 20_000,
        options.quick() ? 0 : 15_000);
  }

  @Override
  protected int plannedRows() {
    return rows().size();
  }

  @Override
  protected void measure(BenchRun run, Progress progress) throws IOException, InterruptedException {
    Path out = run.layout.out();
    Json.write(
        ChatAnalysis.plan(out),
        new ChatAnalysis.Plan(Machine.here(run.layout), deliveries, rows()));
    for (Row row : rows()) {
      attempt(
          run,
          progress,
          row.id(),
          () ->
              new ChatRun(run, options.settings(row.connections(), 0), progress, plan(row))
                  .run(row));
    }
  }

  @Override
  public ReportPage report(Path out) throws IOException {
    return ChatAnalysis.report(out);
  }

  @Override
  protected boolean complete(Path out) throws IOException {
    return ChatAnalysis.complete(out);
  }
}
