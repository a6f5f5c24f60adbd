package dev.handlermodels.loadtests.bench.compare;

import java.util.List;

/**
 * One measured figure of a run, with all its repeats.
 *
 * @param row what was measured: {@code vertx /io}
 * @param name which figure of it: {@code answers/s}
 * @param values one of each repeat
 */
record Figure(String row, String name, Kind kind, List<Double> values) {

  /** What a figure counts, and so which way is better. */
  enum Kind {
    /** Answers in a time. */
    RATE("faster", "slower", true, 0),

    /** A time, in whole milliseconds. */
    WHOLE_MS("faster", "slower", false, 1),

    /** A time. */
    TIME("faster", "slower", false, 0),

    /** Memory. */
    SPACE("smaller", "larger", false, 0);

    final String better;
    final String worse;
    final boolean moreIsBetter;

    /** The step in which the figure is counted; 0 where it is fine enough. */
    final double step;

    Kind(String better, String worse, boolean moreIsBetter, double step) {
      this.better = better;
      this.worse = worse;
      this.moreIsBetter = moreIsBetter;
      this.step = step;
    }
  }

  /** The name of row and figure. */
  String id() {
    return row + ", " + name;
  }

  double median() {
    List<Double> sorted = values.stream().sorted().toList();
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }
}
