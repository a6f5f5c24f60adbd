package dev.handlermodels.loadtests.bench.evidence;

import dev.handlermodels.loadtests.bench.row.OpenLoadStats;
import dev.handlermodels.loadtests.bench.row.WindowStats;
import dev.handlermodels.loadtests.bench.servers.Row;
import java.util.List;
import java.util.Map;

/** Finished rows, for what is made of them. */
public final class Rows {
  private static final Verdict QUIET = new Verdict(false, "Quiet.");
  private static final Verdicts VERDICTS =
      new Verdicts("Fine.", QUIET, QUIET, QUIET, QUIET, QUIET, QUIET, QUIET, "");

  private Rows() {}

  /** A window of 10 s with so many answers and failures. */
  public static RowResult row(
      Row row, int users, long answers, long failures, long p99, OpenLoadStats open) {
    return new RowResult(
        row.id(),
        row.server(),
        row.endpoint(),
        1,
        users,
        "complete",
        null,
        List.of(),
        20.0,
        10.0,
        answers + failures,
        failures,
        Map.of(),
        (answers + failures) / 10.0,
        answers / 10.0,
        failures / 10.0,
        new WindowStats.Latency(p99, p99, p99, p99, p99),
        new RowResult.Threads(1, 1.0, 0.0, 30),
        500.0,
        answers / 10.0 / 500,
        "users",
        null,
        0,
        users,
        990L,
        answers,
        0L,
        1001.0,
        new RowResult.CpuSeconds(2, 1, 3, 0.1),
        0.02,
        300.0,
        800L,
        null,
        null,
        open,
        VERDICTS);
  }
}
