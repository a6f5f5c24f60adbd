package dev.handlermodels.loadtests.bench;

/**
 * One second of a row: a line of samples.jsonl. What could not be read is null.
 *
 * @param atMs epoch milliseconds
 * @param upstreamAtMs when the upstream's counters were read
 */
record Sample(
    long atMs,
    ProcessUse server,
    ProcessUse upstream,
    ProcessUse gatling,
    MachineUse machine,
    Census threads,
    long upstreamAtMs,
    UpstreamStats upstreamStats) {

  /**
   * One process, from outside.
   *
   * @param cpuMs used since it started
   * @param rssPeakKiB the kernel's own high-water mark
   */
  record ProcessUse(Long cpuMs, Long rssKiB, Long rssPeakKiB, Integer osThreads) {}

  /** All processors together, in ticks since boot. */
  record MachineUse(long busyTicks, long totalTicks) {}

  /** The server's own census, from its management listener. */
  record Census(
      Handlers handlers,
      Requests requests,
      VirtualThreads virtualThreads,
      Integer osThreads,
      LoopLag loopLagMs,
      Long heapUsedBytes,
      Gc gc) {}

  /** Threads that run handler code. */
  record Handlers(Integer distinct, Integer live, Integer busy, Integer busyPeak) {}

  /** Requests as the server counts them. */
  record Requests(Long started, Long inFlight, Long inFlightPeak, Long rejected) {}

  /** Virtual threads and what carries them. */
  record VirtualThreads(Long started, Long live, Integer carriers) {}

  /** How late the event loop runs its timers. */
  record LoopLag(Double now, Double max) {}

  /** Garbage collections since the start. */
  record Gc(Long collections, Double pauseMsTotal) {}

  /** What the upstream counts. */
  record UpstreamStats(
      long received, long answered, long aborted, long active, ServiceTime serviceTimeMs) {}

  /** How long the upstream took to answer, the wait included. */
  record ServiceTime(Double p50, Double p99, Double max) {}
}
