package dev.handlermodels.loadtests.bench.scenario.capacity;

import dev.handlermodels.loadtests.bench.stats.Numbers;
import dev.handlermodels.loadtests.load.ArrivalLoad.IntervalStats;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What is promised to clients.
 *
 * @param p99Ms of the good answers, from the intended arrival
 * @param errors share of the arrivals that may get no good answer in time
 */
record Promise(int p99Ms, double errors) {
  private static final Pattern SHARE = Pattern.compile("(\\d{1,2}(?:\\.\\d{1,4})?) ?%");
  private static final double MOST_PERCENT = 10;
  private static final double US_PER_MS = 1000;

  /** A p99 beyond the promise by no more than this may be chance. */
  private static final double NEAR_P99 = 1.5;

  private static final double NEAR_ERRORS = 10;
  private static final double FEW_ERRORS = 0.01;

  /**
   * The share of a text such as {@code 0.1%}.
   *
   * @throws IllegalArgumentException with the sentence for the caller
   */
  static double share(String option, String text) {
    Matcher percent = SHARE.matcher(text.strip());
    if (!percent.matches() || Double.parseDouble(percent.group(1)) > MOST_PERCENT) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%s takes a share of at most %s%%, such as 0.1%%, not '%s'.",
              option,
              Numbers.whole(MOST_PERCENT),
              text));
    }
    return Double.parseDouble(percent.group(1)) / 100;
  }

  /** The share of the arrivals without a good answer; one that was not even sent has none. */
  static double errors(IntervalStats load) {
    return load.arrivals() == 0 ? 1 : (load.arrivals() - load.ok()) / (double) load.arrivals();
  }

  boolean isKept(IntervalStats load) {
    return isWithin(load, p99Ms, errors);
  }

  /** Broken by so little that the same load may well keep it. */
  boolean isNearlyKept(IntervalStats load) {
    return isWithin(load, p99Ms * NEAR_P99, Math.max(errors * NEAR_ERRORS, FEW_ERRORS));
  }

  private static boolean isWithin(IntervalStats load, double ms, double share) {
    return load.ok() > 0 && load.p99Us() <= ms * US_PER_MS && errors(load) <= share;
  }

  /** {@code p99 <= 1,100 ms, errors <= 0.1 %}. */
  String text() {
    return String.format(
        Locale.ROOT, "p99 <= %s ms, errors <= %s", Numbers.whole(p99Ms), percent(errors));
  }

  /** With as many digits as an option can have. */
  static String percent(double share) {
    String digits = String.format(Locale.ROOT, "%.4f", share * 100);
    return digits.replaceAll("\\.?0+$", "") + " %";
  }
}
