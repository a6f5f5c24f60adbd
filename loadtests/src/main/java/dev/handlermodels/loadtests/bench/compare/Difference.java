package dev.handlermodels.loadtests.bench.compare;

import dev.handlermodels.loadtests.bench.stats.Numbers;
import dev.handlermodels.loadtests.bench.stats.RatioInterval;
import java.util.Locale;

/**
 * One figure of two runs.
 *
 * @param interval null where the runs cannot tell
 */
record Difference(Figure first, Figure second, RatioInterval interval, Outcome outcome) {
  /** A difference of less than this is nothing that a user would notice. */
  static final double LEAST = 0.01;

  /** What the runs say. */
  enum Outcome {
    BETTER,
    WORSE,
    NONE,

    /** Fewer than two values on a side, or a figure of 0. */
    UNKNOWN
  }

  /**
   * Compares a figure.
   *
   * @param error the probability of a false alarm that this figure may have
   */
  static Difference of(Figure first, Figure second, double error) {
    boolean fewOrZero =
        Math.min(first.values().size(), second.values().size()) < 2
            || first.values().stream().anyMatch(value -> value <= 0)
            || second.values().stream().anyMatch(value -> value <= 0);
    if (fewOrZero) {
      return new Difference(first, second, null, Outcome.UNKNOWN);
    }
    double step = first.kind().step / Math.min(first.median(), second.median());
    RatioInterval interval = RatioInterval.of(first.values(), second.values(), error).widened(step);
    boolean more = interval.low() > 1 + LEAST;
    boolean less = interval.high() < 1 / (1 + LEAST);
    Outcome outcome =
        !more && !less
            ? Outcome.NONE
            : more == first.kind().moreIsBetter ? Outcome.BETTER : Outcome.WORSE;
    return new Difference(first, second, interval, outcome);
  }

  /** The least difference that these runs could have shown, as a share. */
  double visible() {
    return Math.max(LEAST, interval.halfWidth() + LEAST);
  }

  /** {@code faster}, or why nothing can be said. */
  String words() {
    return switch (outcome) {
      case BETTER -> first.kind().better;
      case WORSE -> first.kind().worse;
      case NONE ->
          String.format(
              Locale.ROOT,
              "no difference that this run can show (it could have shown %s)",
              Numbers.percent(visible()));
      case UNKNOWN ->
          first.values().size() < 2 || second.values().size() < 2
              ? "cannot be told: it takes at least two values on each side (--repeat 3)"
              : "cannot be told: a figure is 0";
    };
  }
}
