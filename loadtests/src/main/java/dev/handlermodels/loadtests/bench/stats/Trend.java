package dev.handlermodels.loadtests.bench.stats;

import java.util.Arrays;

/**
 * The trend of a figure over a run.
 *
 * @param looks number of samples that count
 * @param level their median
 * @param perHour what it grows by, see {@link TheilSen}
 * @param lowPerHour lower end of its interval with a confidence of 95 %
 * @param tolerancePerHour a growth below this is none
 */
public record Trend(
    int looks,
    double level,
    double perHour,
    double lowPerHour,
    double highPerHour,
    double tolerancePerHour,
    Course course) {

  /** A run that cannot find a growth of this many tolerances has not shown that there is none. */
  public static final int FOUND = 10;

  /** With fewer samples there is no verdict. */
  static final int LEAST_LOOKS = 10;

  /** The verdict. */
  public enum Course {
    /** The interval holds zero, or the growth is below the tolerance. */
    FLAT("flat"),
    GROWS("grows"),
    /** The interval reaches so high that a leak could hide in it. */
    UNSURE("cannot be told");

    public final String words;

    Course(String words) {
      this.words = words;
    }
  }

  /**
   * @param hours of each sample, ascending
   * @return null for fewer than {@value #LEAST_LOOKS} looks
   */
  public static Trend of(double[] hours, double[] values, double tolerancePerHour) {
    if (hours.length < LEAST_LOOKS) {
      return null;
    }
    TheilSen slope = TheilSen.of(hours, values);
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return new Trend(
        values.length,
        (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2,
        slope.slope(),
        slope.low(),
        slope.high(),
        tolerancePerHour,
        course(slope, tolerancePerHour));
  }

  private static Course course(TheilSen slope, double tolerance) {
    if (slope.low() > 0 && slope.slope() > tolerance) {
      return Course.GROWS;
    }
    return slope.high() > FOUND * tolerance ? Course.UNSURE : Course.FLAT;
  }
}
