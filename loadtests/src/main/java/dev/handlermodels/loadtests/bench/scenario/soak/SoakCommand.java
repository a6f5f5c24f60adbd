package dev.handlermodels.loadtests.bench.scenario.soak;

import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.process.BenchRun;
import dev.handlermodels.loadtests.bench.process.Progress;
import dev.handlermodels.loadtests.bench.report.ReportPage;
import dev.handlermodels.loadtests.bench.scenario.ScenarioCommand;
import dev.handlermodels.loadtests.bench.scenario.soak.SoakAnalysis.Measured;
import dev.handlermodels.loadtests.bench.scenario.soak.SoakRun.SoakPlan;
import dev.handlermodels.loadtests.bench.servers.Servers;
import dev.handlermodels.loadtests.bench.stats.Durations;
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

/** {@code ./bench soak}. */
@Command(
    name = "soak",
    description =
        "Half an hour at 0.7 of the capacity of each server, while some clients hang up: whether"
            + " live heap, descriptors and threads grow. All three servers take three times as"
            + " long. --quick, a minute each, shows the shape; it is too short to find a small"
            + " leak.")
public final class SoakCommand extends ScenarioCommand {
  private static final int SHORTEST_SECONDS = 30;
  private static final int LONGEST_SECONDS = 24 * 3600;
  private static final int DEFAULT_SECONDS = 30 * 60;
  private static final int QUICK_SECONDS = 60;

  @Option(
      names = "--duration",
      paramLabel = "TIME",
      description =
          "How long each server is loaded, with a sixth of it as warm-up: 1800s, 30m or 2h, from"
              + " 30s to 24h; default 30m, with --quick 1m.")
  private String duration;

  @Option(
      names = "--servers",
      split = ",",
      hideParamSyntax = true,
      paramLabel = "NAME,...",
      completionCandidates = Servers.Names.class,
      description = "Only these: ${COMPLETION-CANDIDATES}.")
  private List<String> servers = Servers.ALL;

  @Option(
      names = "--hang-up",
      paramLabel = "PERCENT",
      description =
          "Clients who leave before their answer, 0 to 50; default 5. Every other one resets its"
              + " connection.")
  private int hangUpPercent = 5;

  @Override
  protected void check() {
    options.check("--servers", servers, Servers.ALL);
    options.check("--hang-up", hangUpPercent, new Limits(0, 50));
    seconds();
  }

  private List<String> chosen() {
    return Servers.ALL.stream().filter(servers::contains).toList();
  }

  private int seconds() {
    return duration == null
        ? options.quickOr(QUICK_SECONDS, DEFAULT_SECONDS)
        : options.parsed(
            () -> Durations.seconds("--duration", duration, SHORTEST_SECONDS, LONGEST_SECONDS));
  }

  @Override
  protected int plannedRows() {
    return chosen().size();
  }

  @Override
  protected void measure(BenchRun run, Progress progress) throws IOException, InterruptedException {
    List<String> chosen = chosen();
    Machine machine = Machine.here(run.layout);
    SoakPlan wanted = SoakPlan.of(seconds(), hangUpPercent, options.quick());
    SoakRun soak = new SoakRun(run, options.settings(SoakRun.USERS, 0), progress, wanted);
    progress.say(estimate(chosen, seconds(), wanted));
    List<Measured> rows = new ArrayList<>();
    for (String server : chosen) {
      attempt(run, progress, server, () -> rows.add(soak.run(server)));
      Json.write(
          SoakAnalysis.raw(run.layout.out()),
          new SoakAnalysis.Raw(
              machine, setting(machine, wanted), chosen.size(), List.copyOf(rows)));
    }
  }

  @Override
  public ReportPage report(Path out) throws IOException {
    return SoakAnalysis.report(out);
  }

  @Override
  protected boolean complete(Path out) throws IOException {
    return SoakAnalysis.complete(out);
  }

  private static String estimate(List<String> chosen, int seconds, SoakPlan wanted) {
    int minutes = Math.ceilDiv(chosen.size() * (seconds + wanted.besideSeconds()), 60);
    return String.format(
        Locale.ROOT,
        "%s, %s of load each: about %s in all.",
        String.join(", ", chosen),
        Durations.text(seconds),
        minutes < 120 ? minutes + " minutes" : Numbers.text(minutes / 60.0, 1) + " hours");
  }

  private static String setting(Machine machine, SoakPlan wanted) {
    return String.format(
        Locale.ROOT,
        ("%s of load on each server at %s times the rate that %d closed users got through, a mix"
            + " of %d kinds of requests; %d %% of the clients hang up before their answer, others"
            + " close their connection after %d answers. A look every %s s, those of the first %s"
            + " s left out. TASK_RESULTS_KEPT=%d, %s. %s"),
        Durations.text(wanted.ms() / 1000),
        Numbers.text(SoakAnalysis.LOAD, 1),
        SoakRun.USERS,
        RequestMix.of("").size(),
        wanted.hangUpPercent(),
        SoakRun.ANSWERS_PER_CONNECTION,
        Numbers.text(wanted.everyMs() / 1000.0, 1),
        Numbers.text(wanted.warmupMs() / 1000.0, 0),
        SoakRun.TASK_RESULTS_KEPT,
        SoakRun.TOUCHED_HEAP,
        machine.sentence());
  }
}
