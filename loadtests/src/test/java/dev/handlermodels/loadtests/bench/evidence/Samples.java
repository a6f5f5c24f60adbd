package dev.handlermodels.loadtests.bench.evidence;

import dev.handlermodels.loadtests.UserStats;
import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.evidence.Evidence.CpuUse;
import dev.handlermodels.loadtests.bench.evidence.Evidence.UpstreamUse;
import dev.handlermodels.loadtests.bench.row.WindowStats;
import dev.handlermodels.loadtests.bench.servers.Row;
import java.util.Map;

/** Evidence of a healthy row at 500 users and 1000 ms, and its variations. */
public final class Samples {
  static final UserStats ALL_SERVED =
      new UserStats(1000, 81_000, true, 40_000, 0, 500, 500, 500, 990);
  static final CpuUse IDLE_MACHINE = new CpuUse(20, 10, 25, 2.0, 120);

  private Samples() {}

  public static Settings settings(int users, int waitMs) {
    return new Settings(users, waitMs, 10, 10, 60, 30_000, 1, 40, 40, 18080, 19090, 18081);
  }

  /** As many clients have gone as could have wasted a call. */
  static UpstreamUse upstream(long completed, long answers, double p99Ms) {
    return new UpstreamUse(completed + 7, completed, answers, completed, p99Ms);
  }

  static Evidence evidence(Row row, long successes, UserStats users) {
    return evidence(row, successes, Map.of(), users);
  }

  static Evidence evidence(Row row, long successes, Map<String, Long> failures, UserStats users) {
    return evidence(
        row, successes, failures, users, upstream(successes, successes, 1003), IDLE_MACHINE);
  }

  static Evidence evidence(
      Row row,
      long successes,
      Map<String, Long> failures,
      UserStats users,
      UpstreamUse upstream,
      CpuUse cpu) {
    long failed = failures.values().stream().mapToLong(Long::longValue).sum();
    Settings settings = settings(500, 1000);
    WindowStats window =
        new WindowStats(
            60,
            successes + failed,
            failed,
            failures,
            new WindowStats.Latency(1001, 1004, 1010, 1020, 1002));
    return new Evidence(
        settings, Ceiling.of(row, settings), window, users, upstream, cpu, null, null);
  }
}
