package dev.handlermodels.loadtests.bench.scenario.jvm;

import dev.handlermodels.loadtests.bench.config.Layout;
import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.process.BenchRun;
import dev.handlermodels.loadtests.bench.process.Progress;
import dev.handlermodels.loadtests.bench.report.ReportPage;
import dev.handlermodels.loadtests.bench.scenario.ScenarioCommand;
import dev.handlermodels.loadtests.bench.scenario.jvm.JvmAnalysis.Load;
import dev.handlermodels.loadtests.bench.scenario.jvm.JvmAnalysis.Measured;
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

/** {@code ./bench jvm}. */
@Command(
    name = "jvm",
    description = "Whether another collector, heap or number of processors changes the ranking.")
public final class JvmCommand extends ScenarioCommand {
  private static final int CORES = Runtime.getRuntime().availableProcessors();

  @Option(
      names = "--of",
      paramLabel = "LOAD",
      description = "table (/io, 500 users), throughput (/, 64) or db (/db, 500); default table.")
  private String of = "table";

  @Option(
      names = "--gc",
      paramLabel = "NAME",
      split = ",",
      description = "Collectors: serial, parallel, g1, zgc; default all.")
  private List<String> collectors = Variant.COLLECTORS;

  @Option(
      names = "--heap",
      paramLabel = "SIZE",
      split = ",",
      description = "Sizes of the heap, 64m to 8g; default 256m,1g.")
  private List<String> heaps = List.of("256m", "1g");

  @Option(
      names = "--cpus",
      paramLabel = "COUNT",
      split = ",",
      description = "Processors for the server, of those that are there; default 1 and 2.")
  private List<Integer> cpus = CORES == 1 ? List.of(1) : List.of(1, 2);

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description = "Rounds, in each of which all are measured in turn, 1 to 20; default 2.")
  private int rounds = 2;

  @Override
  protected void check() {
    options.check("--of", List.of(of), Load.names());
    options.check("--gc", collectors, Variant.COLLECTORS);
    options.check("--rounds", rounds, Limits.REPEATS);
    cpus.forEach(count -> options.check("--cpus", count, new Limits(1, CORES)));
    heaps.forEach(heap -> options.parsed(() -> Variant.heapMiB(heap)));
    if (load() == Load.DB) {
      options.checkBuilt(Layout.DATABASE_JAR);
    }
  }

  private Load load() {
    return Load.valueOf(of.toUpperCase(Locale.ROOT));
  }

  private List<Variant> variants() {
    return Variant.all(collectors, heaps.stream().map(Variant::heapMiB).toList(), cpus);
  }

  @Override
  protected int plannedRows() {
    return variants().size() * Servers.ALL.size() * rounds;
  }

  @Override
  protected void measure(BenchRun run, Progress progress) throws IOException, InterruptedException {
    Machine machine = Machine.here(run.layout);
    JvmRun jvm =
        new JvmRun(run, options.settings(load().users, 0), progress, load(), options.quick());
    List<Measured> rows = new ArrayList<>();
    for (int i = 1; i <= rounds; i++) {
      int round = i;
      for (Variant variant : variants()) {
        for (String server : Servers.ALL) {
          attempt(
              run,
              progress,
              server + ", " + variant.label(),
              () -> rows.add(jvm.run(variant, server, round)));
          Json.write(
              JvmAnalysis.raw(run.layout.out()),
              new JvmAnalysis.Raw(
                  machine, setting(machine, jvm), load(), plannedRows(), List.copyOf(rows)));
        }
      }
    }
  }

  @Override
  public ReportPage report(Path out) throws IOException {
    return JvmAnalysis.report(out);
  }

  @Override
  protected boolean complete(Path out) throws IOException {
    return JvmAnalysis.complete(out);
  }

  private String setting(Machine machine, JvmRun jvm) {
    return String.format(
        Locale.ROOT,
        "%s closed users without think time ask for %s; a fresh server each time, %s s of warm-up,"
            + " %s s measured, rounds in turn: %s. Processors are withheld from the server alone,"
            + " by %s. 1 event loop, 40 threads. %s",
        Numbers.whole(load().users),
        load().path,
        Numbers.whole(jvm.warmupMs() / 1000.0),
        Numbers.whole(jvm.windowMs() / 1000.0),
        Numbers.whole(rounds),
        Variant.means(),
        machine.sentence());
  }
}
