package dev.handlermodels.loadtests.bench.scenario.capacity;

import dev.handlermodels.loadtests.bench.scenario.capacity.CapacitySearch.Stage;
import dev.handlermodels.loadtests.bench.scenario.capacity.CapacitySearch.Trial;
import dev.handlermodels.loadtests.load.ArrivalLoad.IntervalStats;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * A server whose capacity is known: up to it an answer takes 1 s, and beyond it a queue grows as
 * long as the load lasts.
 */
final class SimulatedServer implements CapacitySearch.Load {
  private static final double ANSWER_SECONDS = 1;
  private static final double HICCUP_SECONDS = 0.3;
  private static final int TIMEOUT_SECONDS = 10;

  private final double capacity;
  private final double noise;
  private final double hiccups;
  private final SplittableRandom random;
  private int coldLoads;

  /**
   * @param noise by which the capacity of each load may differ: 0.03 for 3 %
   * @param hiccups share of the loads in which something else made answers late
   * @param coldLoads so many loads find a quarter of the capacity
   */
  SimulatedServer(double capacity, double noise, double hiccups, int coldLoads, long seed) {
    this.capacity = capacity;
    this.noise = noise;
    this.hiccups = hiccups;
    this.coldLoads = coldLoads;
    this.random = new SplittableRandom(seed);
  }

  static SimulatedServer calm(double capacity) {
    return new SimulatedServer(capacity, 0, 0, 0, 1);
  }

  static double seconds(Stage stage) {
    return switch (stage) {
      case PROBE -> 3;
      case CANDIDATE -> 20;
      case CONFIRMATION -> 60;
    };
  }

  @Override
  public Trial run(Stage stage, int rate) {
    double now = capacity * (1 + noise * (2 * random.nextDouble() - 1));
    now *= coldLoads-- > 0 ? 0.25 : 1;
    double seconds = seconds(stage);
    double queued = Math.max(0, rate - now) * seconds;
    double waited = ANSWER_SECONDS + queued / now;
    waited += random.nextDouble() < hiccups ? HICCUP_SECONDS : 0;
    return trial(stage, rate, seconds, waited);
  }

  static Trial trial(Stage stage, int rate, double seconds, double waited) {
    int arrivals = (int) (rate * seconds);
    double late = Math.max(0, waited - TIMEOUT_SECONDS) / waited;
    int ok = (int) Math.round(arrivals * (1 - late));
    long us = (long) (Math.min(waited, TIMEOUT_SECONDS) * 1e6);
    return new Trial(
        stage,
        rate,
        new IntervalStats(
            arrivals,
            ok,
            0,
            0,
            Map.of(200, ok),
            0,
            arrivals - ok,
            0,
            seconds,
            us * 9 / 10,
            us,
            us,
            0,
            0),
        0.2,
        400.0,
        1.0,
        0.05,
        null);
  }
}
