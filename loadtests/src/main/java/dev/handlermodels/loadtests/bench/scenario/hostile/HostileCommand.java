package dev.handlermodels.loadtests.bench.scenario.hostile;

import dev.handlermodels.loadtests.bench.Scenario;
import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.process.BenchRun;
import dev.handlermodels.loadtests.bench.process.LoopbackClient;
import dev.handlermodels.loadtests.bench.process.MeasurementException;
import dev.handlermodels.loadtests.bench.process.Progress;
import dev.handlermodels.loadtests.bench.sampling.OpenFiles;
import dev.handlermodels.loadtests.bench.scenario.ScenarioOptions;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import dev.handlermodels.loadtests.load.HostileLoad.Attack;
import dev.handlermodels.loadtests.load.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code ./bench hostile}. */
@Command(
    name = "hostile",
    description =
        "Silent, slow and idle clients by the thousand: what good clients notice of them, when the"
            + " server is rid of them, and what each costs.")
public final class HostileCommand implements Callable<Integer> {
  private static final List<String> SERVERS = List.of("vertx", "nima", "blocking");

  /** Good clients, fewer than the pool has threads: its size is not the question. */
  private static final int USERS = 16;

  private static final int WAIT_MS = 20;

  /** As in ./bench scale, so that it is not the heap that ends the load. */
  private static final int HEAP_MIB = 1024;

  @Mixin private ScenarioOptions options;

  @Override
  public Integer call() throws IOException, InterruptedException {
    OptionalLong limit = OpenFiles.limit();
    int most = HostileAnalysis.connections(Attack.IDLE);
    if (limit.isPresent() && limit.getAsLong() < most + OpenFiles.needed(USERS)) {
      throw options.wrong(
          "A process may open %d files here (ulimit -Hn), and this needs %d."
              .formatted(limit.getAsLong(), most + OpenFiles.needed(USERS)));
    }
    return new BenchRun(options.layout()).run(Scenario.HOSTILE, this::measure);
  }

  private int windowMs() {
    return options.quick ? 20_000 : 30_000;
  }

  private int measure(BenchRun session, LoopbackClient loopback)
      throws IOException, InterruptedException {
    Path out = session.layout.out();
    int planned = SERVERS.size() * Attack.values().length;
    Progress progress = options.progress(planned);
    Machine machine = Machine.here(session.layout);
    Settings settings = options.settings(USERS, WAIT_MS).measuringHeap(HEAP_MIB, 1);
    List<HostileAnalysis.Measured> rows = new ArrayList<>();
    HostileRun run = new HostileRun(session, loopback, settings, progress, windowMs());
    for (String server : SERVERS) {
      for (Attack attack : Attack.values()) {
        if (session.stop.isAsked()) {
          continue;
        }
        progress.row(server + ", " + HostileAnalysis.label(attack));
        try {
          rows.add(run.run(server, attack));
        } catch (MeasurementException e) {
          progress.say(e.getMessage());
          e.lastLogLines().forEach(progress::say);
        }
        Json.write(
            HostileAnalysis.raw(out),
            new HostileAnalysis.Raw(machine, setting(machine), planned, List.copyOf(rows)));
      }
    }
    progress.say("");
    return session.print(HostileAnalysis.report(out), HostileAnalysis.complete(out));
  }

  private String setting(Machine machine) {
    return ("%d good clients, closed, of /io with a wait of %d ms; beside them for %d s each: %s"
            + " clients that send nothing, a header line a second, a byte of a body a second, or"
            + " read a byte a second, each until the server closes it, for which its limits of"
            + " time stand at %d ms; and for %d s %s that keep an idle connection. Heap of %d"
            + " MiB. %s")
        .formatted(
            USERS,
            WAIT_MS,
            windowMs() / 1000,
            Numbers.whole(HostileAnalysis.connections(Attack.SILENT)),
            HostileAnalysis.limitMs(windowMs()),
            (HostileAnalysis.windowMs(Attack.IDLE, windowMs()) + HostileAnalysis.HEAP_PROBE_MS)
                / 1000,
            Numbers.whole(HostileAnalysis.connections(Attack.IDLE)),
            HEAP_MIB,
            machine.sentence());
  }
}
