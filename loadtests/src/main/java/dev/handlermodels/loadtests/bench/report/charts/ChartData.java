package dev.handlermodels.loadtests.bench.report.charts;

import dev.handlermodels.loadtests.bench.servers.HandlerModel;
import java.util.List;

/**
 * What the charts of a run show.
 *
 * @param caption load, date and machine, in one line
 * @param latencies over time, of the rows that are compared; may be empty
 */
public record ChartData(String caption, List<Bar> bars, List<Latency> latencies) {

  /**
   * One row of the table. What was not measured is null.
   *
   * @param title {@code vertx /io}
   */
  public record Bar(
      String title,
      HandlerModel model,
      Double answersPerSecond,
      Double ceilingPerSecond,
      Double p50Ms,
      Double p99Ms) {}

  /**
   * The median response time of what ended in each second.
   *
   * @param seconds since the first user's arrival
   * @param p50Ms null in a second in which no request ended
   */
  public record Latency(
      String title, HandlerModel model, List<Double> seconds, List<Double> p50Ms) {}
}
