package dev.handlermodels.loadtests.bench.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The expected figures are those of scipy.stats.theilslopes 1.17.1 with a confidence of 95 %. */
class TheilSenTest {
  private static TheilSen of(double... y) {
    return TheilSen.of(IntStream.range(0, y.length).asDoubleStream().toArray(), y);
  }

  private static void assertSlope(TheilSen is, double slope, double low, double high) {
    assertThat(is.slope()).isCloseTo(slope, within(1e-12));
    assertThat(is.low()).isCloseTo(low, within(1e-12));
    assertThat(is.high()).isCloseTo(high, within(1e-12));
  }

  @Test
  void aWildPointDoesNotMoveTheSlope() {
    TheilSen slope = of(3, 3.5, 2.9, 4.1, 4.4, 4.0, 30, 5.2, 5.1, 6.0);

    assertSlope(slope, 0.3166666666666667, 0.2, 0.5);
  }

  @Test
  void valuesThatRepeatNarrowTheInterval() {
    assertSlope(of(5, 5, 5, 6, 5, 5, 6, 6, 6, 6, 7, 6), 0.125, 0, 0.2);
  }

  @Test
  void whatNeverChangesHasNoSlopeAndNoDoubt() {
    assertSlope(of(4, 4, 4, 4, 4, 4), 0, 0, 0);
  }

  @Test
  void theDistancesOfThePointsCount() {
    TheilSen slope =
        TheilSen.of(
            new double[] {0, 1, 3, 4, 9, 10, 12, 20},
            new double[] {1, 2.5, 6.2, 8, 19, 21, 24, 41});

    assertSlope(slope, 2, 1.8, 2.0625);
  }
}
