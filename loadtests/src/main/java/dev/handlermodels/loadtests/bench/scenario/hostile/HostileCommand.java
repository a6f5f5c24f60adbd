package dev.handlermodels.loadtests.bench.scenario.hostile;

import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.process.BenchRun;
import dev.handlermodels.loadtests.bench.process.Progress;
import dev.handlermodels.loadtests.bench.report.ReportPage;
import dev.handlermodels.loadtests.bench.scenario.ScenarioCommand;
import dev.handlermodels.loadtests.bench.servers.Servers;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import dev.handlermodels.loadtests.load.Attack;
import dev.handlermodels.loadtests.load.Json;
import dev.handlermodels.loadtests.load.Limits;
import dev.handlermodels.loadtests.load.OpenFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./bench hostile}. */
@Command(
    name = "hostile",
    description =
        "Thousands of slow, idle and greedy clients: whether the server lives, what good clients"
            + " notice, and what is left afterwards.")
public final class HostileCommand extends ScenarioCommand {
  /** Good clients, fewer than the pool has threads: its size must not matter. */
  private static final int USERS = 16;

  private static final int WAIT_MS = 20;
  private static final Limits HEAP_MIB = new Limits(16, 4096);
  private static final List<String> ATTACKS =
      Arrays.stream(Attack.values()).map(Attack::id).toList();

  @Option(
      names = "--attacks",
      paramLabel = "NAME",
      split = ",",
      completionCandidates = AttackNames.class,
      description = "Only these of ${COMPLETION-CANDIDATES}; default all.")
  private List<String> attacks = ATTACKS;

  @Option(
      names = "--servers",
      paramLabel = "NAME",
      split = ",",
      completionCandidates = Servers.Names.class,
      description = "Only these of ${COMPLETION-CANDIDATES}; default all.")
  private List<String> servers = Servers.ALL;

  @Option(
      names = "--heap",
      paramLabel = "MIB",
      split = ",",
      description =
          "Heaps of the servers, 16 to 4096 MiB; default 256,64, and 1024 for attacks on time:"
              + " silent, slow-headers, slow-body, slow-reading, idle.")
  private List<Integer> heaps = List.of();

  /** The attacks, for the help of an option. */
  static final class AttackNames implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return ATTACKS.iterator();
    }
  }

  /** One row of each server's. */
  private record Case(Attack attack, int heapMiB) {}

  @Override
  protected void check() {
    options.check("--attacks", attacks, ATTACKS);
    options.check("--servers", servers, Servers.ALL);
    heaps.forEach(heap -> options.check("--heap", heap, HEAP_MIB));
    int most = cases().stream().mapToInt(one -> one.attack().connections()).max().orElse(0);
    options.checkOpenFiles(
        most + OpenFiles.needed(USERS), "; --attacks chooses attacks with fewer connections");
  }

  private List<Case> cases() {
    return attacks.stream()
        .map(Attack::of)
        .flatMap(
            attack ->
                (heaps.isEmpty() ? HostileAnalysis.heaps(attack) : heaps)
                    .stream().map(heap -> new Case(attack, heap)))
        .toList();
  }

  private HostileRun.Times times() {
    return options.quick()
        ? new HostileRun.Times(3_000, 12_000)
        : new HostileRun.Times(6_000, 14_000);
  }

  @Override
  protected int plannedRows() {
    return servers.size() * cases().size();
  }

  @Override
  protected void measure(BenchRun run, Progress progress) throws IOException, InterruptedException {
    Machine machine = Machine.here(run.layout);
    Settings settings = options.settings(USERS, WAIT_MS);
    List<HostileAnalysis.Measured> rows = new ArrayList<>();
    HostileRun hostile = new HostileRun(run, settings, progress, times());
    for (String server : servers) {
      for (Case one : cases()) {
        attempt(
            run,
            progress,
            String.format(
                Locale.ROOT, "%s, %s, %d MiB", server, one.attack().label(), one.heapMiB()),
            () -> rows.add(hostile.run(server, one.attack(), one.heapMiB())));
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
    List<String> parts =
        attacks.stream()
            .map(Attack::of)
            .map(attack -> Numbers.whole(attack.connections()) + " " + attack.label())
            .toList();
    return String.format(
        Locale.ROOT,
        ("%d good clients, closed, of /io with a wait of %d ms, %d s alone and %d s beside the"
            + " hostile ones: %s. The attackers of a row have one address, the good clients"
            + " another. Settings as by default, with these exceptions. The time limits of"
            + " attackers who have to be closed in time are %d ms. %s %s"),
        USERS,
        WAIT_MS,
        times().aloneMs() / 1000,
        times().besideMs() / 1000,
        String.join(", ", parts),
        HostileAnalysis.limitMs(Attack.SILENT, times().besideMs()),
        HostileAnalysis.ownSettingsText(),
        machine.sentence());
  }
}
