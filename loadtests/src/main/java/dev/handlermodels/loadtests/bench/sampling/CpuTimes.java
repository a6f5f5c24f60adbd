package dev.handlermodels.loadtests.bench.sampling;

import dev.handlermodels.loadtests.bench.process.ChildProcess;
import dev.handlermodels.loadtests.bench.process.TestBed;
import dev.handlermodels.loadtests.bench.sampling.Sample.MachineUse;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import java.time.Duration;

/** CPU time so far of those who share the machine. */
public record CpuTimes(long atNs, Duration server, Duration upstream, MachineUse machine) {
  public static CpuTimes of(TestBed.Server server, ChildProcess upstream) {
    return new CpuTimes(
        System.nanoTime(),
        server.cpu(),
        upstream.handle().info().totalCpuDuration().orElse(null),
        ProcessSampler.machine());
  }

  public Double serverCores(CpuTimes after) {
    return cores(server, after.server, after);
  }

  public Double otherCores(CpuTimes after, double generators) {
    Double own = serverCores(after);
    Double upstreams = cores(upstream, after.upstream, after);
    if (own == null || upstreams == null || machine == null || after.machine == null) {
      return null;
    }
    double ticks = Math.max(1, after.machine.totalTicks() - machine.totalTicks());
    int all = Runtime.getRuntime().availableProcessors();
    double busy = (after.machine.busyTicks() - machine.busyTicks()) / ticks * all;
    return Numbers.round(Math.max(0, busy - own - upstreams - generators), 2);
  }

  private Double cores(Duration from, Duration to, CpuTimes after) {
    return from == null || to == null
        ? null
        : Numbers.round(to.minus(from).toNanos() / (double) (after.atNs - atNs), 3);
  }
}
