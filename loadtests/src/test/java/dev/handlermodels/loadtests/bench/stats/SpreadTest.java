package dev.handlermodels.loadtests.bench.stats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.loadtests.bench.evidence.RowSummary;
import dev.handlermodels.loadtests.bench.evidence.Verdict;
import java.util.List;
import org.junit.jupiter.api.Test;

class SpreadTest {
  @Test
  void theMedianOfAnOddNumberIsTheMiddleOne() {
    assertThat(Spread.of(List.of(499.0, 470.0, 498.0), true)).isEqualTo(new Spread(498, 470, 499));
  }

  @Test
  void theMedianOfAnEvenNumberIsTheWorseOfTheMiddleTwoAndNeverTheirMean() {
    assertThat(Spread.of(List.of(490, 500), true).median()).isEqualTo(490);
    assertThat(Spread.of(List.of(1001L, 1009L), false).median()).isEqualTo(1009);
  }

  @Test
  void extremesThatReadAlikeAreLeftOut() {
    assertThat(new Spread(40.02, 39.98, 40.04).text(1, "/s")).isEqualTo("40.0/s");
    assertThat(new Spread(40.0, 39.9, 40.0).text(1, "/s")).isEqualTo("40.0 (39.9\u201340.0)/s");
  }

  @Test
  void nothingHasNoSpread() {
    assertThat(Spread.of(List.of(), true)).isNull();
  }

  @Test
  void noisyFiresBeyondFivePercentOfTheMedian() {
    assertThat(RowSummary.noisy(3, new Spread(490, 474, 499)))
        .isEqualTo(
            new Verdict(
                true, "Noisy: 3 runs gave 474.0 to 499.0 answers/s, with a median of 490.0."));
    assertThat(RowSummary.noisy(2, new Spread(0, 0, 1)).fires()).isTrue();
  }

  @Test
  void noisyDoesNotFireWithinFivePercent() {
    assertThat(RowSummary.noisy(3, new Spread(490, 475, 499)))
        .isEqualTo(
            new Verdict(
                false, "Not noisy: 3 runs gave 475.0 to 499.0 answers/s, with a median of 490.0."));
    assertThat(RowSummary.noisy(2, new Spread(0, 0, 0)).fires()).isFalse();
  }

  @Test
  void noisyIsUnknownForASingleRun() {
    assertThat(RowSummary.noisy(1, new Spread(490, 490, 490)))
        .matches(verdict -> !verdict.fires() && verdict.sentence().startsWith("Unknown"));
  }
}
