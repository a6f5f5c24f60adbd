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
