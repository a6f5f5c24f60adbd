package dev.handlermodels.loadtests.bench.stats;

import java.util.List;
import org.apache.commons.statistics.distribution.TDistribution;

/**
 * How one set of measurements relates to another: the ratio of their geometric means, with a
 * confidence interval by Welch's t-test on the logarithms. A ratio of times or rates scatters by a
 * factor, so its logarithm is nearer to a normal distribution. The test does not ask that both
 * scatter alike.
 *
 * @param ratio of the second to the first
 * @param low lower end of the interval
 * @param high upper end of the interval
 */
public record RatioInterval(double ratio, double low, double high) {

  /**
   * Compares values above 0, at least two on each side.
   *
   * @param error the probability that the interval misses the true ratio
   */
  public static RatioInterval of(List<Double> first, List<Double> second, double error) {
    Logs a = Logs.of(first);
    Logs b = Logs.of(second);
    double difference = b.mean() - a.mean();
    double half = halfWidth(a, b, error);
    return new RatioInterval(
        Math.exp(difference), Math.exp(difference - half), Math.exp(difference + half));
  }

  private static double halfWidth(Logs a, Logs b, double error) {
    double first = a.variance() / a.count();
    double second = b.variance() / b.count();
    double variance = first + second;
    if (variance == 0) {
      return 0;
    }
    // Welch and Satterthwaite's degrees of freedom.
    double freedom =
        variance * variance / (first * first / (a.count() - 1) + second * second / (b.count() - 1));
    return TDistribution.of(freedom).inverseSurvivalProbability(error / 2) * Math.sqrt(variance);
  }

  /** The same, wider by a share on both sides: what a figure's own steps can hide. */
  public RatioInterval widened(double share) {
    return new RatioInterval(ratio, low / (1 + share), high * (1 + share));
  }

  /** The factor from the ratio to the further end of the interval, less 1. */
  public double halfWidth() {
    return Math.max(high / ratio, ratio / low) - 1;
  }

  /** Mean and variance of logarithms. */
  private record Logs(int count, double mean, double variance) {
    static Logs of(List<Double> values) {
      double mean = values.stream().mapToDouble(Math::log).average().orElseThrow();
      double squares =
          values.stream().mapToDouble(v -> (Math.log(v) - mean) * (Math.log(v) - mean)).sum();
      return new Logs(values.size(), mean, squares / (values.size() - 1));
    }
  }
}
