package dev.handlermodels.loadtests.bench.stats;

import java.util.Arrays;

/**
 * The slope of a series by Theil and Sen: the median of the slopes between all pairs of points,
 * which a few outliers do not change. Its confidence interval is that of Sen (1968), from the
 * variance of Kendall's score: the number of rising pairs less that of falling ones.
 *
 * @param low lower end of the interval that holds the slope with a confidence of 95 %
 */
record TheilSen(double slope, double low, double high) {
  private static final double NORMAL_975 = 1.959963985;

  /**
   * @param x grows from each point to the next
   * @param y as long as x, at least two
   */
  static TheilSen of(double[] x, double[] y) {
    double[] slopes = slopes(x, y);
    double half = NORMAL_975 * Math.sqrt(scoreVariance(y));
    int last = slopes.length - 1;
    int low = (int) Math.rint((slopes.length - half) / 2) - 1;
    int high = (int) Math.rint((slopes.length + half) / 2);
    return new TheilSen(
        (slopes[last / 2] + slopes[slopes.length / 2]) / 2,
        slopes[Math.clamp(low, 0, last)],
        slopes[Math.clamp(high, 0, last)]);
  }

  private static double[] slopes(double[] x, double[] y) {
    double[] slopes = new double[x.length * (x.length - 1) / 2];
    int next = 0;
    for (int i = 1; i < x.length; i++) {
      for (int j = 0; j < i; j++) {
        slopes[next++] = (y[i] - y[j]) / (x[i] - x[j]);
      }
    }
    Arrays.sort(slopes);
    return slopes;
  }

  /**
   * The variance for points in a random order; values that occur more than once make it smaller.
   */
  private static double scoreVariance(double[] y) {
    double[] sorted = y.clone();
    Arrays.sort(sorted);
    double variance = part(y.length);
    int from = 0;
    for (int i = 1; i <= sorted.length; i++) {
      if (i == sorted.length || sorted[i] != sorted[from]) {
        variance -= part(i - from);
        from = i;
      }
    }
    return variance;
  }

  private static double part(double count) {
    return count * (count - 1) * (2 * count + 5) / 18;
  }
}
