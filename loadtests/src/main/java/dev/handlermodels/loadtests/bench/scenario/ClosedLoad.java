package dev.handlermodels.loadtests.bench.scenario;

import dev.handlermodels.loadtests.bench.process.BenchRun;
import dev.handlermodels.loadtests.bench.process.ChildProcess;
import dev.handlermodels.loadtests.bench.process.LoadProcess;
import dev.handlermodels.loadtests.bench.process.MeasurementException;
import dev.handlermodels.loadtests.bench.sampling.ProcessSampler;
import dev.handlermodels.loadtests.bench.sampling.Sample.MachineUse;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import dev.handlermodels.loadtests.load.KeepAliveLoad;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A load of {@code GET /} on connections that never pause, and what it cost. What could not be read
 * is null.
 *
 * @param cpuUsPerRequest CPU time of the server's process ÷ requests, start of the load included
 * @param helperCores that a second process of the bench used; null where there is none
 * @param otherCores that neither server, helper nor generator used of the machine
 */
public record ClosedLoad(
    KeepAliveLoad.Outcome outcome, Double cpuUsPerRequest, Double helperCores, Double otherCores) {
  public static final int CONNECTIONS = 64;

  /** Does not count: connections are made, and the generator is not yet warm. */
  private static final int LEAD_MS = 1000;

  /**
   * @param helper a process that works beside the server; null where there is none
   */
  public static ClosedLoad run(
      BenchRun run, ChildProcess server, ChildProcess helper, int port, int windowMs, Path outcome)
      throws IOException, InterruptedException, MeasurementException {
    Duration before = server.cpu();
    Duration helperBefore = helper == null ? null : helper.cpu();
    MachineUse machineBefore = ProcessSampler.machine();
    KeepAliveLoad.Outcome load =
        LoadProcess.run(
            run,
            server,
            new KeepAliveLoad.Plan(port, "/", CONNECTIONS, 0, LEAD_MS, windowMs),
            outcome);
    MachineUse machineAfter = ProcessSampler.machine();
    Double cpuUs = usPerRequest(before, server.cpu(), load);
    Double helperCores =
        helper == null ? null : cores(usPerRequest(helperBefore, helper.cpu(), load), load);
    Double serverCores = cpuUs == null ? null : (Double) (cpuUs * load.perSecond() / 1e6);
    return new ClosedLoad(
        load,
        cpuUs,
        helperCores,
        MachineUse.otherCores(
            machineBefore,
            machineAfter,
            serverCores,
            load.cores(),
            helper == null ? (Double) 0.0 : helperCores));
  }

  private static Double usPerRequest(Duration before, Duration after, KeepAliveLoad.Outcome load) {
    return before == null || after == null
        ? null
        : Numbers.round(after.minus(before).toNanos() / 1000.0 / load.requests(), 2);
  }

  private static Double cores(Double usPerRequest, KeepAliveLoad.Outcome load) {
    return usPerRequest == null ? null : Numbers.round(usPerRequest * load.perSecond() / 1e6, 2);
  }
}
