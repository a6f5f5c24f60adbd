package dev.handlermodels.loadtests.bench.scenario.faults;

import dev.handlermodels.loadtests.bench.Scenario;
import dev.handlermodels.loadtests.bench.config.Machine;
import dev.handlermodels.loadtests.bench.process.BenchRun;
import dev.handlermodels.loadtests.bench.process.LoopbackClient;
import dev.handlermodels.loadtests.bench.process.MeasurementException;
import dev.handlermodels.loadtests.bench.process.Progress;
import dev.handlermodels.loadtests.bench.scenario.ScenarioOptions;
import dev.handlermodels.loadtests.bench.scenario.faults.FaultsAnalysis.Measured;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import dev.handlermodels.loadtests.load.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code ./bench faults}. */
@Command(
    name = "faults",
    description = "An upstream that fails in every way: what clients get, and what others notice.")
public final class FaultsCommand implements Callable<Integer> {
  private static final List<String> SERVERS = List.of("vertx", "nima", "blocking");

  @Mixin private ScenarioOptions options;

  @Override
  public Integer call() throws IOException, InterruptedException {
    return new BenchRun(options.layout()).run(Scenario.FAULTS, this::measure);
  }

  private int measure(BenchRun session, LoopbackClient loopback)
      throws IOException, InterruptedException {
    Path out = session.layout.out();
    Progress progress = options.progress(SERVERS.size());
    Machine machine = Machine.here(session.layout);
    List<Measured> servers = new ArrayList<>();
    FaultsRun run =
        new FaultsRun(
            session,
            loopback,
            options.settings(FaultsRun.RATE, FaultsRun.WAIT_MS),
            progress,
            options.quick);
    for (String server : SERVERS) {
      if (session.stop.isAsked()) {
        continue;
      }
      progress.row(server);
      try {
        servers.add(run.run(server));
      } catch (MeasurementException e) {
        progress.say(e.getMessage());
        e.lastLogLines().forEach(progress::say);
      }
      Json.write(
          FaultsAnalysis.raw(out),
          new FaultsAnalysis.Raw(
              machine, setting(machine, run), SERVERS.size(), List.copyOf(servers)));
    }
    progress.say("");
    return session.print(FaultsAnalysis.report(out), FaultsAnalysis.complete(out));
  }

  private String setting(Machine machine, FaultsRun run) {
    return ("%d arrivals a second each at /io (a wait of %d ms) and at /, from two open load"
            + " generators; every fault lasts %s s, after %s s and before %s s of a good upstream."
            + " UPSTREAM_TIMEOUT_MS %s, UPSTREAM_RETRY_PERCENT %s, UPSTREAM_BREAKER_PERCENT %s of"
            + " %s calls, open for %s ms. %s")
        .formatted(
            FaultsRun.RATE,
            FaultsRun.WAIT_MS,
            Numbers.text(run.faultMs() / 1000.0, 1),
            Numbers.text(run.calmMs() / 1000.0, 1),
            Numbers.text(run.afterMs() / 1000.0, 1),
            FaultsRun.ENVIRONMENT.get("UPSTREAM_TIMEOUT_MS"),
            FaultsRun.ENVIRONMENT.get("UPSTREAM_RETRY_PERCENT"),
            FaultsRun.ENVIRONMENT.get("UPSTREAM_BREAKER_PERCENT"),
            FaultsRun.ENVIRONMENT.get("UPSTREAM_BREAKER_CALLS"),
            FaultsRun.ENVIRONMENT.get("UPSTREAM_BREAKER_OPEN_MS"),
            machine.sentence());
  }
}
