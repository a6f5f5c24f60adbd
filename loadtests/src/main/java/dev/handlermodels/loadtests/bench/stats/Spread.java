package dev.handlermodels.loadtests.bench.stats;

import java.util.List;
import java.util.Locale;

/** A figure over the runs of a row. The median is one of them, and never the better of two. */
public record Spread(double median, double min, double max) {

  /** Null where there is no value. */
  public static Spread of(List<? extends Number> values, boolean higherIsBetter) {
    if (values.isEmpty()) {
      return null;
    }
    List<Double> sorted = values.stream().map(Number::doubleValue).sorted().toList();
    int median = higherIsBetter ? (sorted.size() - 1) / 2 : sorted.size() / 2;
    return new Spread(sorted.get(median), sorted.getFirst(), sorted.getLast());
  }

  /** The distance between the extremes as a share of the median. */
  public double share() {
    return median == 0 ? (max > 0 ? Double.POSITIVE_INFINITY : 0) : (max - min) / median;
  }

  /** {@code 495.1 (494.0–496.2)}; without the extremes where they read alike. */
  public String text(int digits, String unit) {
    String least = Numbers.text(min, digits);
    String most = Numbers.text(max, digits);
    String extremes =
        least.equals(most) ? "" : String.format(Locale.ROOT, " (%s\u2013%s)", least, most);
    return Numbers.text(median, digits) + extremes + unit;
  }
}
