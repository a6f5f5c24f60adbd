package dev.handlermodels.loadtests.bench.sampling;

import dev.handlermodels.loadtests.bench.process.ChildProcess;
import dev.handlermodels.loadtests.bench.process.TestBed;
import dev.handlermodels.loadtests.bench.sampling.Sample.MachineUse;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import java.time.Duration;

/** CPU time so far of those who share the machine. */
public record CpuTimes(long atNs, Duration server, Duration upstream, MachineUse machine) {
  public static CpuTimes of(TestBed.Server server, ChildProcess upstream) {
    return new CpuTimes(System.nanoTime(), server.cpu(), upstream.cpu(), ProcessSampler.machine());
  }

  public Double serverCores(CpuTimes after) {
    return cores(server, after.server, after);
  }

  /** CPU time of the server for a request, in microseconds; null where it cannot be read. */
  public Double serverUsPer(double requests, CpuTimes after) {
    return server == null || after.server == null || requests <= 0
        ? null
        : (Double) Numbers.round(after.server.minus(server).toNanos() / 1000.0 / requests, 1);
  }

  /** Of the whole machine; null where there is no /proc/stat. */
  public Double busyCores(CpuTimes after) {
    return MachineUse.otherCores(machine, after.machine);
  }

  public Double otherCores(CpuTimes after, double generators) {
    return MachineUse.otherCores(
        machine,
        after.machine,
        serverCores(after),
        cores(upstream, after.upstream, after),
        generators);
  }

  private Double cores(Duration from, Duration to, CpuTimes after) {
    return from == null || to == null
        ? null
        : Numbers.round(to.minus(from).toNanos() / (double) (after.atNs - atNs), 3);
  }
}
