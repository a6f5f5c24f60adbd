package dev.handlermodels.loadtests.bench.scenario.capacity;

import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.process.BenchRun;
import dev.handlermodels.loadtests.bench.process.Progress;
import dev.handlermodels.loadtests.bench.report.ReportPage;
import dev.handlermodels.loadtests.bench.scenario.ScenarioCommand;
import dev.handlermodels.loadtests.bench.scenario.capacity.CapacityAnalysis.Measured;
import dev.handlermodels.loadtests.bench.servers.Row;
import dev.handlermodels.loadtests.bench.servers.RowRole;
import dev.handlermodels.loadtests.bench.servers.Servers;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import dev.handlermodels.loadtests.load.Json;
import dev.handlermodels.loadtests.load.Limits;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./bench capacity}. */
@Command(
    name = "capacity",
    description =
        "The highest rate of arrivals that keeps your promise, and the instances that a demand"
            + " needs.")
public final class CapacityCommand extends ScenarioCommand {
  private static final int CORES = Runtime.getRuntime().availableProcessors();

  /** For the servers' own queues; nobody waits there when a promise is kept. */
  private static final int USERS = 1000;

  @Option(
      names = "--p99-ms",
      paramLabel = "MS",
      description = "The p99 that is promised, 1 to 60000 ms; default 1100.")
  private int p99Ms = 1100;

  @Option(
      names = "--errors",
      paramLabel = "SHARE",
      description =
          "The share of requests that may get no good answer, at most 10%%; default 0.1%%.")
  private String errors = "0.1%";

  @Option(
      names = "--demand",
      paramLabel = "N",
      description =
          "Requests a second for which instances are counted, 1 to 1000000; default 5000.")
  private int demand = 5000;

  @Option(
      names = "--rows",
      paramLabel = "ID",
      split = ",",
      description = "Only these rows of the table; default each model's right way.")
  private List<String> rows =
      Servers.rows().stream().filter(row -> row.role() == RowRole.RIGHT_WAY).map(Row::id).toList();

  @Option(
      names = "--wait",
      paramLabel = "MS",
      description = "How long the upstream takes, 0 to 10000 ms; default 1000.")
  private int waitMs = 1000;

  @Option(
      names = "--pool",
      paramLabel = "N",
      description = "Threads of the fixed pool, and workers, 1 to 2000; default 40.")
  private int poolSize = 40;

  @Override
  protected void check() {
    options.check("--p99-ms", p99Ms, new Limits(1, 60_000));
    options.check("--demand", demand, new Limits(1, 1_000_000));
    options.check("--wait", waitMs, new Limits(0, 10_000));
    options.check("--pool", poolSize, new Limits(1, 2000));
    options.check("--rows", rows, Servers.rows().stream().map(Row::id).toList());
    promise();
    if (p99Ms <= waitMs) {
      throw options.wrong(
          String.format(
              Locale.ROOT, "No server keeps --p99-ms %s where --wait is %s.", p99Ms, waitMs));
    }
  }

  private Promise promise() {
    try {
      return new Promise(p99Ms, Promise.share("--errors", errors));
    } catch (IllegalArgumentException e) {
      throw options.wrong(e.getMessage());
    }
  }

  private List<Row> chosen() {
    return Servers.rows().stream().filter(row -> rows.contains(row.id())).toList();
  }

  @Override
  protected int plannedRows() {
    return chosen().size();
  }

  @Override
  protected void measure(BenchRun run, Progress progress) throws IOException, InterruptedException {
    Machine machine = Machine.here(run.layout);
    // As in production: a loop for each core.
    Settings settings = options.settings(USERS, waitMs).withThreads(CORES, poolSize, poolSize);
    CapacityRun capacity = new CapacityRun(run, settings, progress, promise(), options.quick());
    List<Measured> measured = new ArrayList<>();
    for (Row row : chosen()) {
      attempt(run, progress, row.title(), () -> measured.add(capacity.run(row)));
      Json.write(
          CapacityAnalysis.raw(run.layout.out()),
          new CapacityAnalysis.Raw(
              machine,
              setting(machine, capacity),
              promise(),
              demand,
              poolSize,
              plannedRows(),
              List.copyOf(measured)));
    }
  }

  @Override
  public ReportPage report(Path out) throws IOException {
    return CapacityAnalysis.report(out);
  }

  @Override
  protected boolean complete(Path out) throws IOException {
    return CapacityAnalysis.complete(out);
  }

  private String setting(Machine machine, CapacityRun run) {
    return String.format(
        Locale.ROOT,
        ("Open load, latency from the intended arrival. Probes of %s s double the rate until the"
            + " promise breaks; candidates of %s s then halve the gap until it is at most %s; the"
            + " rate is confirmed for %s s. The first %s s of each load do not count. An upstream"
            + " of %s ms, %s event loops, a pool of %s. %s"),
        Numbers.whole(run.probeMs() / 1000.0),
        Numbers.whole(run.candidateMs() / 1000.0),
        Numbers.percent(CapacitySearch.RESOLUTION),
        Numbers.whole(run.confirmationMs() / 1000.0),
        Numbers.whole(run.settleMs() / 1000.0),
        Numbers.whole(waitMs),
        CORES,
        poolSize,
        machine.sentence());
  }
}
