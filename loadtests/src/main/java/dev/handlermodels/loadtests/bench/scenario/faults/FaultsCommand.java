package dev.handlermodels.loadtests.bench.scenario.faults;

import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.process.BenchRun;
import dev.handlermodels.loadtests.bench.process.Progress;
import dev.handlermodels.loadtests.bench.report.ReportPage;
import dev.handlermodels.loadtests.bench.scenario.ScenarioCommand;
import dev.handlermodels.loadtests.bench.scenario.faults.FaultsAnalysis.Measured;
import dev.handlermodels.loadtests.bench.servers.Servers;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import dev.handlermodels.loadtests.load.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;

/** {@code ./bench faults}. */
@Command(
    name = "faults",
    description =
        "An upstream that fails in twelve ways: what clients get, and what other routes"
            + " notice.")
public final class FaultsCommand extends ScenarioCommand {
  @Override
  protected int plannedRows() {
    return Servers.ALL.size();
  }

  @Override
  protected void measure(BenchRun run, Progress progress) throws IOException, InterruptedException {
    Machine machine = Machine.here(run.layout);
    List<Measured> servers = new ArrayList<>();
    FaultsRun faults =
        new FaultsRun(
            run, options.settings(FaultsRun.RATE, FaultsRun.WAIT_MS), progress, options.quick());
    for (String server : Servers.ALL) {
      attempt(run, progress, server, () -> servers.add(faults.run(server)));
      Json.write(
          FaultsAnalysis.raw(run.layout.out()),
          new FaultsAnalysis.Raw(
              machine, setting(machine, faults), plannedRows(), List.copyOf(servers)));
    }
  }

  @Override
  public ReportPage report(Path out) throws IOException {
    return FaultsAnalysis.report(out);
  }

  @Override
  protected boolean complete(Path out) throws IOException {
    return FaultsAnalysis.complete(out);
  }

  private static String setting(Machine machine, FaultsRun faults) {
    return String.format(
        Locale.ROOT,
        ("%d arrivals a second each at /io (a wait of %d ms) and at /, from two open load"
            + " generators; every fault lasts %s s, after %s s and before %s s of a good"
            + " upstream. UPSTREAM_TIMEOUT_MS %s, UPSTREAM_RETRY_PERCENT %s,"
            + " UPSTREAM_BREAKER_PERCENT %s of %s calls, open for %s ms. %s"),
        FaultsRun.RATE,
        FaultsRun.WAIT_MS,
        Numbers.text(faults.faultMs() / 1000.0, 1),
        Numbers.text(faults.calmMs() / 1000.0, 1),
        Numbers.text(faults.afterMs() / 1000.0, 1),
        FaultsRun.ENVIRONMENT.get("UPSTREAM_TIMEOUT_MS"),
        FaultsRun.ENVIRONMENT.get("UPSTREAM_RETRY_PERCENT"),
        FaultsRun.ENVIRONMENT.get("UPSTREAM_BREAKER_PERCENT"),
        FaultsRun.ENVIRONMENT.get("UPSTREAM_BREAKER_CALLS"),
        FaultsRun.ENVIRONMENT.get("UPSTREAM_BREAKER_OPEN_MS"),
        machine.sentence());
  }
}
