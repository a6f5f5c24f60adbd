package dev.handlermodels.loadtests.bench.scenario.overload;

import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.process.BenchRun;
import dev.handlermodels.loadtests.bench.process.Progress;
import dev.handlermodels.loadtests.bench.report.ReportPage;
import dev.handlermodels.loadtests.bench.scenario.ScenarioCommand;
import dev.handlermodels.loadtests.bench.scenario.overload.OverloadAnalysis.Kind;
import dev.handlermodels.loadtests.bench.scenario.overload.OverloadAnalysis.Measured;
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

/** {@code ./bench overload}. */
@Command(
    name = "overload",
    description = "Load from half to five times the capacity: goodput, refusals, recovery.")
public final class OverloadCommand extends ScenarioCommand {
  @Option(
      names = "--wait",
      paramLabel = "MS",
      description = "How long the upstream of /io takes, 100 to 5000 ms; default 500.")
  private int waitMs = 500;

  @Option(
      names = "--work",
      paramLabel = "UNITS",
      description = "CPU work of each request to /cpu, 5 to 1000 units of about 1 ms; default 30.")
  private int work = 30;

  @Option(
      names = "--in-flight",
      paramLabel = "N",
      description =
          "MAX_IN_FLIGHT of the servers, 10 to 4000; default 400. With --wait it makes the"
              + " capacity of /io.")
  private int inFlight = 400;

  @Option(
      names = "--queue",
      paramLabel = "MS",
      description = "MAX_QUEUE_MS of the servers, 0 (no limit) to 10000; default 30.")
  private int queueMs = 30;

  @Override
  protected void check() {
    options.check("--wait", waitMs, new Limits(100, 5000));
    options.check("--work", work, new Limits(5, 1000));
    options.check("--in-flight", inFlight, new Limits(10, 4000));
    options.check("--queue", queueMs, new Limits(0, 10_000));
  }

  @Override
  protected int plannedRows() {
    return Servers.ALL.size() * Kind.values().length;
  }

  @Override
  protected void measure(BenchRun run, Progress progress) throws IOException, InterruptedException {
    Machine machine = Machine.here(run.layout);
    List<Measured> rows = new ArrayList<>();
    OverloadRun overload =
        new OverloadRun(
            run,
            options.settings(inFlight, waitMs),
            progress,
            inFlight,
            queueMs,
            waitMs,
            work,
            options.quick());
    for (Kind kind : Kind.values()) {
      for (String server : Servers.ALL) {
        attempt(
            run, progress, server + " " + kind.path, () -> rows.add(overload.run(server, kind)));
        Json.write(
            OverloadAnalysis.raw(run.layout.out()),
            new OverloadAnalysis.Raw(
                machine, setting(machine, overload), plannedRows(), List.copyOf(rows)));
      }
    }
  }

  @Override
  public ReportPage report(Path out) throws IOException {
    return OverloadAnalysis.report(out);
  }

  @Override
  protected boolean complete(Path out) throws IOException {
    return OverloadAnalysis.complete(out);
  }

  private String setting(Machine machine, OverloadRun run) {
    return String.format(
        Locale.ROOT,
        ("Capacity by closed users, %d s after %d s of warm-up; then arrivals at %s times that"
            + " rate, %d s each of which the first %d do not count, and at %s times for %d s"
            + " more. /io waits %d ms, /cpu does %d units of work. MAX_IN_FLIGHT %d, MAX_QUEUE_MS"
            + " %d, a pool of 40; for /cpu on server-blocking a pool of as many threads as there"
            + " are cores. %s"),
        run.closedMs() / 1000,
        run.closedMs() / 1000,
        OverloadAnalysis.times(),
        run.stepMs() / 1000,
        run.settleMs() / 1000,
        Numbers.text(OverloadAnalysis.CALM, 1),
        run.recoveryMs() / 1000,
        waitMs,
        work,
        inFlight,
        queueMs,
        machine.sentence());
  }
}
