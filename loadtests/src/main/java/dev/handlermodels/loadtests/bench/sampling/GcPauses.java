package dev.handlermodels.loadtests.bench.sampling;

import dev.handlermodels.loadtests.bench.process.BenchRun;
import dev.handlermodels.loadtests.bench.process.TestBed;
import dev.handlermodels.loadtests.bench.stats.Numbers;

/**
 * Pauses of a server's collector so far, as its JVM counts them.
 *
 * @param totalMs null where it cannot be read
 */
public record GcPauses(Double totalMs) {
  public static GcPauses of(BenchRun run, TestBed.Server server) throws InterruptedException {
    Sample.Census census = run.http.get(server.managementUrl("/threads"), Sample.Census.class);
    return new GcPauses(census == null ? null : census.gcPauseMs());
  }

  /** From then to {@code after}; null where one of both could not be read. */
  public Double msUntil(GcPauses after) {
    return Numbers.differenceFor(after.totalMs, totalMs, 1);
  }
}
