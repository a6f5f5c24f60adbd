package dev.handlermodels.loadtests.bench.sampling;

import dev.handlermodels.loadtests.bench.stats.Numbers;
import java.util.Arrays;
import java.util.List;

/**
 * One second of a row: a line of samples.jsonl. What could not be read is null.
 *
 * @param atMs epoch milliseconds
 * @param liveProbes those that ended since the sample before
 * @param benchCpuMs what the bench itself has used since it started
 * @param upstreamAtMs when the upstream's counters were read
 */
public record Sample(
    long atMs,
    ProcessUse server,
    ProcessUse upstream,
    ProcessUse gatling,
    MachineUse machine,
    Census threads,
    long upstreamAtMs,
    UpstreamStats upstreamStats,
    List<LiveProbe> liveProbes,
    Long benchCpuMs) {

  /** As openapi.yaml has it. */
  public static final int LAG_RECENT_MS = 2_000;

  /** Never null, though a run from before there were probes has none. */
  public Sample {
    liveProbes = liveProbes == null ? List.of() : liveProbes;
  }

  /**
   * One question for /health/live on the main listener.
   *
   * @param atMs when it was sent
   * @param ms until its answer; null where none came in time
   */
  public record LiveProbe(long atMs, Double ms) {}

  /**
   * One process, from outside.
   *
   * @param cpuMs used since it started
   * @param rssPeakKiB the kernel's own high-water mark
   */
  public record ProcessUse(Long cpuMs, Long rssKiB, Long rssPeakKiB, Integer osThreads) {}

  /** All processors together, in ticks since boot. */
  public record MachineUse(long busyTicks, long totalTicks) {
    /**
     * Cores that neither of the given ones used until then; null where anything is unknown.
     *
     * @param after null where there is no /proc/stat
     * @param own cores that the bench's own processes used meanwhile
     */
    public static Double otherCores(MachineUse before, MachineUse after, Double... own) {
      if (before == null || after == null || Arrays.asList(own).contains(null)) {
        return null;
      }
      double ticks = Math.max(1, after.totalTicks - before.totalTicks);
      int cores = Runtime.getRuntime().availableProcessors();
      double busy = (after.busyTicks - before.busyTicks) / ticks * cores;
      double known = Arrays.stream(own).mapToDouble(Double::doubleValue).sum();
      return Numbers.round(Math.max(0, busy - known), 2);
    }
  }

  /** The server's own census, from its management listener. */
  public record Census(
      Handlers handlers,
      Requests requests,
      VirtualThreads virtualThreads,
      Integer osThreads,
      LoopLag loopLagMs,
      Long heapUsedBytes,
      Gc gc) {
    /** Of the collector, since the start; null where the server does not report them. */
    public Double gcPauseMs() {
      return gc == null ? null : gc.pauseMsTotal();
    }
  }

  /** Threads that run handler code. */
  public record Handlers(Integer distinct, Integer live, Integer busy, Integer busyPeak) {}

  /** Requests as the server counts them. */
  public record Requests(Long started, Long inFlight, Long inFlightPeak, Long rejected) {}

  /** Virtual threads and their carriers. */
  public record VirtualThreads(Long started, Long live, Integer carriers) {}

  /**
   * How late the event loop gets round to a task.
   *
   * @param recentMax greatest of the last {@value #LAG_RECENT_MS} ms
   * @param max greatest since the server's start
   */
  public record LoopLag(Double now, Double recentMax, Double max) {}

  /** Garbage collections since the start. */
  public record Gc(Long collections, Double pauseMsTotal) {}

  /** The upstream's counters. */
  public record UpstreamStats(
      long received, long answered, long aborted, long active, ServiceTime serviceTimeMs) {}

  /** How long the upstream took to answer, the wait included. */
  public record ServiceTime(Double p50, Double p99, Double max) {}
}
