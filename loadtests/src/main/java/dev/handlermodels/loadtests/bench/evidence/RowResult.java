package dev.handlermodels.loadtests.bench.evidence;

import dev.handlermodels.loadtests.bench.row.OpenLoadStats;
import dev.handlermodels.loadtests.bench.row.WindowStats;
import java.util.List;
import java.util.Map;

/** A row of results.json; docs/method.md defines every field. What was not measured is null. */
public record RowResult(
    String id,
    String server,
    String endpoint,
    int repeat,
    int users,
    String status,
    String trouble,
    List<String> lastLogLines,
    Double measuredFromSeconds,
    Double measuredSeconds,
    Long requests,
    Long failures,
    Map<String, Long> failuresByKind,
    Double requestsPerSecond,
    Double successesPerSecond,
    Double failuresPerSecond,
    WindowStats.Latency latencyMs,
    Threads threads,
    Double ceilingPerSecond,
    Double shareOfCeiling,
    String ceilingLimitedBy,
    String ceilingSetting,
    Integer usersNeverServed,
    Integer unfinished,
    Long oldestUnfinishedMs,
    Long upstreamCalls,
    Long wastedUpstreamCalls,
    Double upstreamP99Ms,
    CpuSeconds cpuSeconds,
    Double benchShareOfCore,
    Double rssPeakMiB,
    Long startupMs,
    Double loopLagMaxMs,
    LivenessResult proof,
    OpenLoadStats open,
    Verdicts verdict) {

  /**
   * Threads that ran handler code, and all of the process.
   *
   * @param handlers distinct ones until the end of the row
   * @param averageActive mean number alive in the window
   * @param averageBusy mean number inside handler code in the window
   * @param osPeak most threads that the operating system saw in the process
   */
  public record Threads(
      Integer handlers, Double averageActive, Double averageBusy, Integer osPeak) {}

  /** Of the measured window. */
  public record CpuSeconds(double server, double upstream, double gatling, Double other) {}
}
