package dev.handlermodels.loadtests.bench.scenario.capacity;

import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.process.BenchRun;
import dev.handlermodels.loadtests.bench.process.ChildProcess;
import dev.handlermodels.loadtests.bench.process.LoadProcess;
import dev.handlermodels.loadtests.bench.process.MeasurementException;
import dev.handlermodels.loadtests.bench.process.Progress;
import dev.handlermodels.loadtests.bench.process.TestBed;
import dev.handlermodels.loadtests.bench.sampling.CpuTimes;
import dev.handlermodels.loadtests.bench.sampling.GcPauses;
import dev.handlermodels.loadtests.bench.sampling.ProcessSampler;
import dev.handlermodels.loadtests.bench.scenario.capacity.CapacityAnalysis.Measured;
import dev.handlermodels.loadtests.bench.scenario.capacity.CapacitySearch.Stage;
import dev.handlermodels.loadtests.bench.scenario.capacity.CapacitySearch.Trial;
import dev.handlermodels.loadtests.bench.servers.Row;
import dev.handlermodels.loadtests.bench.servers.Variables;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import dev.handlermodels.loadtests.load.ArrivalLoad;
import dev.handlermodels.loadtests.load.ArrivalLoad.Step;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Searches the capacity of one row, on one server that stays. */
record CapacityRun(
    BenchRun run, Settings settings, Progress progress, Promise promise, boolean quick) {
  /** Fewer tell nothing of a 99th percentile within a probe. */
  private static final int FIRST_RATE = 50;

  private static final int LEAST_TIMEOUT_MS = 10_000;

  int probeMs() {
    return quick ? 2_000 : 3_000;
  }

  int candidateMs() {
    return quick ? 5_000 : 20_000;
  }

  int confirmationMs() {
    return quick ? 10_000 : 60_000;
  }

  /** Until as many leave as arrive. */
  int settleMs() {
    return Math.max(quick ? 1_000 : 2_000, 2 * settings.waitMs());
  }

  private int ms(Stage stage) {
    return switch (stage) {
      case PROBE -> probeMs();
      case CANDIDATE -> candidateMs();
      case CONFIRMATION -> confirmationMs();
    };
  }

  private int timeoutMs() {
    return Math.max(LEAST_TIMEOUT_MS, 2 * promise.p99Ms());
  }

  Measured run(Row row) throws IOException, InterruptedException, MeasurementException {
    Path dir = run.rowFolder(row.id());
    progress.phase("start");
    TestBed testBed = new TestBed(run, settings);
    ChildProcess upstream = testBed.upstream(dir);
    TestBed.Server server = testBed.server(row.server(), dir);
    String path = path(row);
    int[] number = {0};
    List<Trial> trials =
        new CapacitySearch(
                promise,
                (stage, rate) -> {
                  number[0]++;
                  String name = String.format(Locale.ROOT, "load-%02d.json", number[0]);
                  return load(server, upstream, path, stage, rate, dir.resolve(name));
                })
            .run(FIRST_RATE);
    Long peakKiB = ProcessSampler.process(server.process().handle()).rssPeakKiB();
    return new Measured(row.id(), row.server(), row.endpoint(), trials, Numbers.mib(peakKiB));
  }

  private String path(Row row) {
    String query = row.query() == null ? "" : Variables.fill(row.query(), settings.variables());
    return row.endpoint() + (query.isEmpty() ? "" : "?" + query);
  }

  private Trial load(
      TestBed.Server server,
      ChildProcess upstream,
      String path,
      Stage stage,
      int rate,
      Path outcomeFile)
      throws IOException, InterruptedException, MeasurementException {
    progress.phase(
        String.format(
            Locale.ROOT,
            "%s, %s arrivals/s",
            stage.name().toLowerCase(Locale.ROOT),
            Numbers.whole(rate)));
    ArrivalLoad.Plan plan =
        new ArrivalLoad.Plan(
            server.port(),
            path,
            settleMs(),
            timeoutMs(),
            List.of(new Step(rate, settleMs() + ms(stage))));
    GcPauses pausesBefore = GcPauses.of(run, server);
    CpuTimes before = CpuTimes.of(server, upstream);
    ArrivalLoad.Outcome outcome = LoadProcess.run(run, server.process(), plan, outcomeFile);
    CpuTimes after = CpuTimes.of(server, upstream);
    Double pausesMs = pausesBefore.msUntil(GcPauses.of(run, server));
    double requests = rate * (plan.ms() / 1000.0);
    return new Trial(
        stage,
        rate,
        outcome.steps().getFirst(),
        outcome.cores(),
        before.serverUsPer(requests, after),
        before.busyCores(after),
        before.otherCores(after, outcome.cores()),
        pausesMs == null ? null : (Double) Numbers.round(pausesMs / plan.ms(), 4));
  }
}
