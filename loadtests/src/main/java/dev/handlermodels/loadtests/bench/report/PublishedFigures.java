package dev.handlermodels.loadtests.bench.report;

import dev.handlermodels.loadtests.bench.row.Row;
import java.util.List;
import java.util.Map;

/**
 * The figures that fastapi-benchmark publishes (github.com/Minibrams/fastapi-benchmark): 500 users,
 * 60 s with the ramp, upstream 1000 ms. They were not measured here.
 */
public record PublishedFigures(
    String name,
    int users,
    int runtimeSeconds,
    int requests,
    int failures,
    double requestsPerSecond,
    double failuresPerSecond,
    int medianMs,
    int threads,
    int averageThreads,
    int ceilingPerSecond) {

  private static final Map<String, PublishedFigures> BESIDE =
      Map.of(
          Row.BLOCKING_IO.id(),
          new PublishedFigures("sync, sync I/O", 500, 60, 2122, 0, 35.6, 0, 1300, 41, 41, 40),
          Row.VERTX_IO.id(),
          new PublishedFigures("async, async I/O", 500, 60, 3190, 0, 53.2, 0, 8300, 1, 1, 500),
          Row.VERTX_IO_BLOCKING.id(),
          new PublishedFigures("async, sync I/O", 500, 60, 785, 732, 13.1, 12.2, 27000, 1, 1, 1));

  /** The column that belongs beside a row; empty for the new ones. */
  public static List<PublishedFigures> beside(String rowId) {
    return BESIDE.containsKey(rowId) ? List.of(BESIDE.get(rowId)) : List.of();
  }
}
