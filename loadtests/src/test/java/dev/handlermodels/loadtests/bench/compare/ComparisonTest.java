package dev.handlermodels.loadtests.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.loadtests.bench.compare.Difference.Outcome;
import dev.handlermodels.loadtests.bench.compare.Figure.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ComparisonTest {
  @ParameterizedTest
  @CsvSource({
    "RATE, 500 501 499, 600 602 599, BETTER, faster",
    "RATE, 600 602 599, 500 501 499, WORSE, slower",
    "TIME, 10.1 10.0 9.9, 12.1 12.0 11.9, WORSE, slower",
    "TIME, 12.1 12.0 11.9, 10.1 10.0 9.9, BETTER, faster",
    "SPACE, 200 201 199, 300 301 299, WORSE, larger",
    "SPACE, 300 301 299, 200 201 199, BETTER, smaller",
    "WHOLE_MS, 20 20 20, 30 30 30, WORSE, slower",
  })
  void aClearDifferenceIsSaid(
      Kind kind, String first, String second, Outcome outcome, String words) {
    Difference difference = difference(kind, first, second);

    assertThat(difference.outcome()).isEqualTo(outcome);
    assertThat(difference.words()).isEqualTo(words);
  }

  @ParameterizedTest
  @CsvSource({
    // A difference of less than a hundredth, however certain.
    "RATE, 1000 1000 1000, 1005 1005 1005",
    // What scatters as much as it differs.
    "RATE, 500 400 600, 550 450 650",
    // A step of the clock: 2.4 and 2.6 ms are 2 and 3.
    "WHOLE_MS, 2 2 2, 3 3 3",
    "TIME, 10 10 10, 10 10 10",
  })
  void whereTheRunCannotTellItSaysWhatItCouldHaveShown(Kind kind, String first, String second) {
    Difference difference = difference(kind, first, second);

    assertThat(difference.outcome()).isEqualTo(Outcome.NONE);
    assertThat(difference.visible()).isGreaterThanOrEqualTo(Difference.LEAST);
    assertThat(difference.words())
        .startsWith("no difference that this run can show (it could have shown ");
  }

  @ParameterizedTest
  @CsvSource({
    "500, 600, it takes at least two values",
    "500 501, 600, it takes at least two values",
    "0 0 0, 600 601 602, a figure is 0",
  })
  void withTooLittleNothingIsSaid(String first, String second, String why) {
    Difference difference = difference(Kind.RATE, first, second);

    assertThat(difference.outcome()).isEqualTo(Outcome.UNKNOWN);
    assertThat(difference.interval()).isNull();
    assertThat(difference.words()).contains(why);
  }

  /** Of runs that differ by chance alone at most one in ten may be said to differ. */
  @Test
  void equalRunsRarelyDiffer() {
    Random random = new Random(17);
    int alarms = 0;
    for (int pair = 0; pair < 1000; pair++) {
      Comparison comparison = Comparison.of(run(random, 1), run(random, 1));
      alarms += comparison.count(Outcome.NONE) == 28 ? 0 : 1;
    }

    assertThat(alarms).isLessThan(100);
  }

  /** A tenth less with 2 % of scatter is seen, among as many figures as the table has. */
  @Test
  void aTenthIsSeenWithFiveRepeats() {
    Random random = new Random(18);
    int seen = 0;
    for (int pair = 0; pair < 100; pair++) {
      List<Figure> first = run(random, 1, 5);
      List<Figure> second = run(random, 0.9, 5);
      seen += (int) Comparison.of(first, second).count(Outcome.WORSE);
    }

    assertThat(seen).isGreaterThan(100 * 28 / 2);
  }

  @Test
  void aFigureOfOneRunOnlyIsNamed() {
    Figure a = figure("a", Kind.RATE, List.of(1.0, 1.0));
    Figure b = figure("b", Kind.RATE, List.of(1.0, 1.0));
    Figure c = figure("c", Kind.RATE, List.of(1.0, 1.0));

    Comparison comparison = Comparison.of(List.of(a, b), List.of(b, c));

    assertThat(comparison.differences()).hasSize(1);
    assertThat(comparison.missing()).containsExactly("a, x", "c, x");
    assertThat(ComparisonText.of(comparison)).contains("Only one of the runs has: a, x; c, x.");
  }

  private static List<Figure> run(Random random, double factor) {
    return run(random, factor, 3);
  }

  private static List<Figure> run(Random random, double factor, int repeats) {
    List<Figure> figures = new ArrayList<>();
    for (int i = 0; i < 28; i++) {
      List<Double> values = new ArrayList<>();
      for (int repeat = 0; repeat < repeats; repeat++) {
        values.add(500 * factor * (1 + 0.02 * random.nextGaussian()));
      }
      figures.add(figure("row " + i, Kind.RATE, values));
    }
    return figures;
  }

  private static Difference difference(Kind kind, String first, String second) {
    return Difference.of(
        figure("row", kind, numbers(first)), figure("row", kind, numbers(second)), 0.05);
  }

  private static List<Double> numbers(String text) {
    return List.of(text.split(" ")).stream().map(Double::valueOf).toList();
  }

  private static Figure figure(String row, Kind kind, List<Double> values) {
    return new Figure(row, "x", kind, values);
  }
}
