package dev.handlermodels.loadtests.bench.stats;

import java.util.List;
import java.util.Locale;

/** Figures as people read them: thousands separated, a point, no more digits than are known. */
public final class Numbers {
  public static final String NONE = "–";

  private Numbers() {}

  public static double round(double value, int digits) {
    double factor = Math.pow(10, digits);
    return Math.round(value * factor) / factor;
  }

  /** The median of sorted values; the mean of the two in the middle where their number is even. */
  public static double median(List<Double> sorted) {
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }

  /** {@code 1,234.5}; a dash for null. */
  public static String text(Number value, int digits) {
    return value == null
        ? NONE
        : String.format(Locale.ROOT, "%,." + digits + "f", value.doubleValue());
  }

  public static String whole(Number value) {
    return text(value, 0);
  }

  /** {@code 1.5} for 1,536 bytes; a dash for null. */
  public static String kib(Double bytes) {
    return text(bytes == null ? null : bytes / 1024, 1);
  }

  /** 1.5 for 1,536 KiB; null for null. */
  public static Double mib(Long kib) {
    return kib == null ? null : (Double) round(kib / 1024.0, 1);
  }

  /** The difference ÷ {@code by}; null where a part is missing or there is nothing to divide by. */
  public static Double differenceFor(Number more, Number less, double by) {
    return more == null || less == null || by <= 0
        ? null
        : (Double) round((more.doubleValue() - less.doubleValue()) / by, 1);
  }

  /** {@code 1,002 ms}; without the unit where there is no value. */
  public static String unit(Number value, int digits, String unit) {
    return value == null ? NONE : text(value, digits) + " " + unit;
  }

  /** {@code 98.6 %} for 0.986. */
  public static String percent(double share) {
    return text(share * 100, 1) + " %";
  }
}
