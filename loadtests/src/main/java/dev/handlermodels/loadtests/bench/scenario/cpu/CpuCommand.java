package dev.handlermodels.loadtests.bench.scenario.cpu;

import dev.handlermodels.loadtests.bench.Scenario;
import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.process.BenchRun;
import dev.handlermodels.loadtests.bench.process.LoopbackClient;
import dev.handlermodels.loadtests.bench.process.MeasurementException;
import dev.handlermodels.loadtests.bench.process.Progress;
import dev.handlermodels.loadtests.bench.scenario.ScenarioOptions;
import dev.handlermodels.loadtests.bench.scenario.cpu.CpuAnalysis.Beside;
import dev.handlermodels.loadtests.bench.scenario.cpu.CpuAnalysis.Measured;
import dev.handlermodels.loadtests.load.Json;
import dev.handlermodels.loadtests.load.Limits;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./bench cpu}. */
@Command(
    name = "cpu",
    description = "Users who compute beside users who wait: what one does to the other.")
public final class CpuCommand implements Callable<Integer> {
  private static final List<String> SERVERS = List.of("vertx", "nima", "blocking");

  /** With the users who compute fewer than the pool has threads: its size is not the question. */
  private static final int IO_USERS = 20;

  /** More than the machine has cores, so that these are never idle. */
  private static final int CPU_USERS_PER_CORE = 4;

  private static final int MAX_CPU_USERS = 16;

  @Mixin private ScenarioOptions options;

  @Option(
      names = "--wait",
      paramLabel = "MS",
      description = "How long the upstream of /io takes, 10 to 10000 ms; default 200.")
  private int waitMs = 200;

  @Option(
      names = "--work",
      paramLabel = "UNITS",
      description = "Of each computing request, 1 to 1000, some 1 ms each; default 100.")
  private int work = 100;

  @Override
  public Integer call() throws IOException, InterruptedException {
    options.check("--wait", waitMs, new Limits(10, 10_000));
    options.check("--work", work, new Limits(1, 1000));
    return new BenchRun(options.layout()).run(Scenario.CPU, this::measure);
  }

  private int warmupMs() {
    return options.quick ? 4_000 : 10_000;
  }

  private int windowMs() {
    return options.quick ? 4_000 : 20_000;
  }

  private static int cpuUsers() {
    int cores = Runtime.getRuntime().availableProcessors();
    return Math.min(MAX_CPU_USERS, CPU_USERS_PER_CORE * cores);
  }

  private int measure(BenchRun session, LoopbackClient loopback)
      throws IOException, InterruptedException {
    Path out = session.layout.out();
    int planned = SERVERS.size() * Beside.values().length;
    Progress progress = options.progress(planned);
    Machine machine = Machine.here(session.layout);
    List<Measured> rows = new ArrayList<>();
    CpuRun run =
        new CpuRun(session, loopback, options.settings(IO_USERS, waitMs), progress)
            .load(IO_USERS, "/io?waitMs=" + waitMs, cpuUsers(), "?work=" + work)
            .lasting(warmupMs(), windowMs());
    for (String server : SERVERS) {
      for (Beside beside : Beside.values()) {
        if (session.stop.isAsked()) {
          continue;
        }
        progress.row(server + " " + beside.label);
        try {
          rows.add(run.run(server, beside));
        } catch (MeasurementException e) {
          progress.say(e.getMessage());
          e.lastLogLines().forEach(progress::say);
        }
        Json.write(
            CpuAnalysis.raw(out),
            new CpuAnalysis.Raw(
                machine, setting(machine), waitMs, work, planned, List.copyOf(rows)));
      }
    }
    progress.say("");
    return session.print(CpuAnalysis.report(out), CpuAnalysis.complete(out));
  }

  private String setting(Machine machine) {
    return ("%d closed users of /io with a wait of %d ms beside %d who compute %d units of work"
            + " each, without think time; %d s of warm-up, %d s measured; a fresh server for each"
            + " row, two load generators of one thread each. %s")
        .formatted(
            IO_USERS,
            waitMs,
            cpuUsers(),
            work,
            warmupMs() / 1000,
            windowMs() / 1000,
            machine.sentence());
  }
}
