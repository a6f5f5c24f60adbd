package dev.handlermodels.loadtests.bench.scenario.cpu;

import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.process.BenchRun;
import dev.handlermodels.loadtests.bench.process.Progress;
import dev.handlermodels.loadtests.bench.report.ReportPage;
import dev.handlermodels.loadtests.bench.scenario.ScenarioCommand;
import dev.handlermodels.loadtests.bench.scenario.cpu.CpuAnalysis.BackgroundLoad;
import dev.handlermodels.loadtests.bench.scenario.cpu.CpuAnalysis.Measured;
import dev.handlermodels.loadtests.bench.servers.Servers;
import dev.handlermodels.loadtests.load.Json;
import dev.handlermodels.loadtests.load.Limits;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./bench cpu}. */
@Command(
    name = "cpu",
    description = "CPU work beside requests that wait: p99 of /io on each model.")
public final class CpuCommand extends ScenarioCommand {
  /**
   * Together with the users who compute, fewer than the pool has threads: its size must not matter.
   */
  private static final int IO_USERS = 20;

  /** More than the machine has cores, so that these are never idle. */
  private static final int CPU_USERS_PER_CORE = 4;

  private static final int MAX_CPU_USERS = 16;

  @Option(
      names = "--wait",
      paramLabel = "MS",
      description = "How long the upstream of /io takes, 10 to 10000 ms; default 200.")
  private int waitMs = 200;

  @Option(
      names = "--work",
      paramLabel = "UNITS",
      description = "CPU work of each request to /cpu, 1 to 1000 units of about 1 ms; default 100.")
  private int work = 100;

  @Override
  protected void check() {
    options.check("--wait", waitMs, new Limits(10, 10_000));
    options.check("--work", work, new Limits(1, 1000));
  }

  private int warmupMs() {
    return options.quickOr(4_000, 10_000);
  }

  private int windowMs() {
    return options.quickOr(4_000, 20_000);
  }

  private static int cpuUsers() {
    int cores = Runtime.getRuntime().availableProcessors();
    return Math.min(MAX_CPU_USERS, CPU_USERS_PER_CORE * cores);
  }

  @Override
  protected int plannedRows() {
    return Servers.ALL.size() * BackgroundLoad.values().length;
  }

  @Override
  protected void measure(BenchRun run, Progress progress) throws IOException, InterruptedException {
    Machine machine = Machine.here(run.layout);
    List<Measured> rows = new ArrayList<>();
    CpuRun cpu =
        new CpuRun(
            run,
            options.settings(IO_USERS, waitMs),
            progress,
            IO_USERS,
            "/io?waitMs=" + waitMs,
            cpuUsers(),
            "?work=" + work,
            warmupMs(),
            windowMs());
    for (String server : Servers.ALL) {
      for (BackgroundLoad beside : BackgroundLoad.values()) {
        attempt(
            run, progress, server + " " + beside.label, () -> rows.add(cpu.run(server, beside)));
        Json.write(
            CpuAnalysis.raw(run.layout.out()),
            new CpuAnalysis.Raw(
                machine, setting(machine), waitMs, work, plannedRows(), List.copyOf(rows)));
      }
    }
  }

  @Override
  public ReportPage report(Path out) throws IOException {
    return CpuAnalysis.report(out);
  }

  @Override
  protected boolean complete(Path out) throws IOException {
    return CpuAnalysis.complete(out);
  }

  private String setting(Machine machine) {
    return String.format(
        Locale.ROOT,
        ("%d closed users of /io with a wait of %d ms beside %d who compute %d units of work"
            + " each, without think time; %d s of warm-up, %d s measured; a fresh server for each"
            + " row, two load generators of one thread each. %s"),
        IO_USERS,
        waitMs,
        cpuUsers(),
        work,
        warmupMs() / 1000,
        windowMs() / 1000,
        machine.sentence());
  }
}
