package dev.handlermodels.loadtests.bench.scenario.fanout;

import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.process.BenchRun;
import dev.handlermodels.loadtests.bench.process.Progress;
import dev.handlermodels.loadtests.bench.report.ReportPage;
import dev.handlermodels.loadtests.bench.scenario.ScenarioCommand;
import dev.handlermodels.loadtests.bench.scenario.fanout.FanoutAnalysis.CallStrategy;
import dev.handlermodels.loadtests.bench.scenario.fanout.FanoutAnalysis.Round;
import dev.handlermodels.loadtests.bench.scenario.fanout.FanoutAnalysis.Table;
import dev.handlermodels.loadtests.load.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import picocli.CommandLine.Command;

/** {@code ./bench fanout}. */
@Command(
    name = "fanout",
    description = "1000 upstream calls for one request: in turn, in a pool, on a loop, on threads.")
public final class FanoutCommand extends ScenarioCommand {
  @Override
  protected int plannedRows() {
    return Table.values().length * CallStrategy.values().length;
  }

  @Override
  protected void measure(BenchRun run, Progress progress) throws IOException, InterruptedException {
    Path out = run.layout.out();
    Machine machine = Machine.here(run.layout);
    FanoutRun fanout =
        new FanoutRun(run, options.settings(FanoutAnalysis.CALLS, 0), progress, options.quick());
    int planned =
        Table.values().length * Stream.of(CallStrategy.values()).mapToInt(fanout::rounds).sum();
    List<Round> rounds = new ArrayList<>();
    for (Table table : Table.values()) {
      for (CallStrategy way : CallStrategy.values()) {
        attempt(
            run, progress, table.label + ", " + way.label, () -> fanout.run(table, way, rounds));
        Json.write(
            FanoutAnalysis.raw(out),
            new FanoutAnalysis.Raw(
                machine, setting(machine, fanout), planned, List.copyOf(rounds)));
      }
    }
  }

  @Override
  public ReportPage report(Path out) throws IOException {
    return FanoutAnalysis.report(out);
  }

  @Override
  protected boolean complete(Path out) throws IOException {
    return FanoutAnalysis.complete(out);
  }

  private static String setting(Machine machine, FanoutRun fanout) {
    return String.format(
        Locale.ROOT,
        ("One request for %d upstream calls, to fresh servers and a fresh upstream for each row;"
            + " %d warm-ups with a wait of %d ms, then 3 rounds of the fast ways and one of the two"
            + " slow ones (one with --quick), medians; peak RSS with the heap of jvm.options. %s"),
        fanout.calls(),
        FanoutRun.WARM_UPS,
        FanoutRun.WARM_UP_WAIT_MS,
        machine.sentence());
  }
}
