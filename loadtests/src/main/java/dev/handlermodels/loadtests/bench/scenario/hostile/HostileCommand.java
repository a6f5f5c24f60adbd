package dev.handlermodels.loadtests.bench.scenario.hostile;

import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.config.Servers;
import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.process.BenchRun;
import dev.handlermodels.loadtests.bench.process.Progress;
import dev.handlermodels.loadtests.bench.report.ReportPage;
import dev.handlermodels.loadtests.bench.sampling.OpenFiles;
import dev.handlermodels.loadtests.bench.scenario.ScenarioCommand;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import dev.handlermodels.loadtests.load.Attack;
import dev.handlermodels.loadtests.load.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;

/** {@code ./bench hostile}. */
@Command(
    name = "hostile",
    description =
        "Silent, slow and idle clients by the thousand: what good clients notice of them, when the"
            + " server is rid of them, and what each costs.")
public final class HostileCommand extends ScenarioCommand {
  /** Good clients, fewer than the pool has threads: its size must not matter. */
  private static final int USERS = 16;

  private static final int WAIT_MS = 20;

  /** As in ./bench scale, so that it is not the heap that ends the load. */
  private static final int HEAP_MIB = 1024;

  @Override
  protected void check() {
    int most = HostileAnalysis.connections(Attack.IDLE);
    options.checkOpenFiles(most + OpenFiles.needed(USERS), "");
  }

  private int windowMs() {
    return options.quickOr(20_000, 30_000);
  }

  @Override
  protected int plannedRows() {
    return Servers.ALL.size() * Attack.values().length;
  }

  @Override
  protected void measure(BenchRun run, Progress progress) throws IOException, InterruptedException {
    Machine machine = Machine.here(run.layout);
    Settings settings = options.settings(USERS, WAIT_MS).measuringHeap(HEAP_MIB, 1);
    List<HostileAnalysis.Measured> rows = new ArrayList<>();
    HostileRun hostile = new HostileRun(run, settings, progress, windowMs());
    for (String server : Servers.ALL) {
      for (Attack attack : Attack.values()) {
        attempt(
            run,
            progress,
            server + ", " + HostileAnalysis.label(attack),
            () -> rows.add(hostile.run(server, attack)));
        Json.write(
            HostileAnalysis.raw(run.layout.out()),
            new HostileAnalysis.Raw(machine, setting(machine), plannedRows(), List.copyOf(rows)));
      }
    }
  }

  @Override
  public ReportPage report(Path out) throws IOException {
    return HostileAnalysis.report(out);
  }

  @Override
  protected boolean complete(Path out) throws IOException {
    return HostileAnalysis.complete(out);
  }

  private String setting(Machine machine) {
    return String.format(
        Locale.ROOT,
        ("%d good clients, closed, of /io with a wait of %d ms; beside them for %d s each: %s"
            + " clients that send nothing, a header line a second, a byte of a body a second, or"
            + " read a byte a second, each until the server closes it, for which its limits of"
            + " time stand at %d ms; and for %d s %s that keep an idle connection. Heap of %d"
            + " MiB. %s"),
        USERS,
        WAIT_MS,
        windowMs() / 1000,
        Numbers.whole(HostileAnalysis.connections(Attack.SILENT)),
        HostileAnalysis.limitMs(windowMs()),
        (HostileAnalysis.windowMs(Attack.IDLE, windowMs()) + HostileAnalysis.HEAP_PROBE_MS) / 1000,
        Numbers.whole(HostileAnalysis.connections(Attack.IDLE)),
        HEAP_MIB,
        machine.sentence());
  }
}
