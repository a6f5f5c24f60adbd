package dev.handlermodels.loadtests.bench.scenario.jvm;

import dev.handlermodels.loadtests.bench.config.Layout;
import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.process.BenchRun;
import dev.handlermodels.loadtests.bench.process.ChildProcess;
import dev.handlermodels.loadtests.bench.process.Commands;
import dev.handlermodels.loadtests.bench.process.DatabaseProcess;
import dev.handlermodels.loadtests.bench.process.LoadProcess;
import dev.handlermodels.loadtests.bench.process.MeasurementException;
import dev.handlermodels.loadtests.bench.process.Progress;
import dev.handlermodels.loadtests.bench.process.TestBed;
import dev.handlermodels.loadtests.bench.sampling.CpuTimes;
import dev.handlermodels.loadtests.bench.sampling.GcPauses;
import dev.handlermodels.loadtests.bench.sampling.ProcessSampler;
import dev.handlermodels.loadtests.bench.scenario.jvm.JvmAnalysis.Load;
import dev.handlermodels.loadtests.bench.scenario.jvm.JvmAnalysis.Measured;
import dev.handlermodels.loadtests.bench.servers.Servers;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import dev.handlermodels.loadtests.load.KeepAliveLoad;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Measures one server, run in one way. */
record JvmRun(BenchRun run, Settings settings, Progress progress, Load load, boolean quick) {
  private static final int RAMP_MS = 1_000;
  private static final int PATIENCE_MS = 30_000;

  /** The first query of a server makes its connections. */
  private static final long FIRST_WITHIN_MS = 30_000;

  /** An asynchronous driver of a database is fast once it is compiled: see DbRun. */
  int warmupMs() {
    return quick ? 4_000 : load == Load.DB ? 20_000 : 10_000;
  }

  int windowMs() {
    return quick ? 3_000 : 10_000;
  }

  Measured run(Variant variant, String name, int round)
      throws IOException, InterruptedException, MeasurementException {
    Path dir =
        run.rowFolder(
            String.format(
                Locale.ROOT,
                "%s-%s-%s-%s.%s",
                variant.gc(),
                variant.heapMiB(),
                variant.cpus(),
                name,
                round));
    progress.phase("start");
    TestBed testBed = new TestBed(run, settings);
    ChildProcess upstream = testBed.upstream(dir);
    Map<String, String> environment =
        new HashMap<>(Commands.environment(Servers.get(name), settings));
    if (load == Load.DB) {
      environment.put(
          "DATABASE_URL", DatabaseProcess.start(run, settings, dir.resolve("database.log")).url());
    }
    TestBed.Server server = testBed.server(name, dir, command(variant, name), environment);
    testBed.all(List.of(server.url(load.path)), FIRST_WITHIN_MS);
    progress.phase("load");
    return measure(server, upstream, variant, round, dir);
  }

  /** What the variant says stands behind jvm.options, so that it has the last word. */
  private List<String> command(Variant variant, String name) {
    List<String> command = new ArrayList<>(Commands.server(name, settings));
    command.addAll(command.indexOf("@" + Layout.JVM_OPTIONS) + 1, variant.flags());
    command.addAll(0, variant.before());
    return command;
  }

  private Measured measure(
      TestBed.Server server, ChildProcess upstream, Variant variant, int round, Path dir)
      throws IOException, InterruptedException, MeasurementException {
    KeepAliveLoad.Plan plan =
        new KeepAliveLoad.Plan(
            server.port(), load.path, load.users, RAMP_MS, warmupMs(), windowMs(), 0, PATIENCE_MS);
    GcPauses pausesBefore = GcPauses.of(run, server);
    CpuTimes before = CpuTimes.of(server, upstream);
    KeepAliveLoad.Outcome outcome =
        LoadProcess.run(run, server.process(), plan, dir.resolve("outcome.json"));
    CpuTimes after = CpuTimes.of(server, upstream);
    GcPauses pausesAfter = GcPauses.of(run, server);
    Long rssKiB = ProcessSampler.process(server.process().handle()).rssPeakKiB();
    return new Measured(
        variant,
        server.name(),
        round,
        outcome,
        before.serverUsPer(outcome.requests(), after),
        Numbers.mib(rssKiB),
        pausesBefore.msUntil(pausesAfter),
        load == Load.DB ? null : before.otherCores(after, outcome.cores()));
  }
}
