package dev.handlermodels.loadtests.bench.scenario.capacity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.handlermodels.loadtests.load.ArrivalLoad.IntervalStats;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PromiseTest {
  private static final Promise PROMISE = new Promise(1100, 0.001);

  private static IntervalStats load(int arrivals, int ok, long p99Us) {
    return new IntervalStats(
        arrivals, ok, 0, arrivals - ok, Map.of(), 0, 0, 0, 20, p99Us, p99Us, p99Us, 0, 0);
  }

  @ParameterizedTest
  @CsvSource({"0.1%, 0.001", "0.1 %, 0.001", "0%, 0", "10%, 0.1", "2.5%, 0.025"})
  void aShareIsWrittenInPercent(String text, double share) {
    assertThat(Promise.share("--errors", text)).isEqualTo(share);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0.1", "10.1%", "-1%", "few", "1e-3%", "0,1%"})
  void anythingElseIsRefusedInOneSentence(String text) {
    assertThatThrownBy(() -> Promise.share("--errors", text))
        .hasMessage("--errors takes a share of at most 10%, such as 0.1%, not '" + text + "'.");
  }

  @Test
  void bothHalvesOfThePromiseHaveToBeKept() {
    assertThat(PROMISE.isKept(load(1000, 999, 1_100_000))).isTrue();
    assertThat(PROMISE.isKept(load(1000, 999, 1_100_001))).isFalse();
    assertThat(PROMISE.isKept(load(1000, 998, 1_100_000))).isFalse();
    assertThat(PROMISE.isKept(load(0, 0, 0))).isFalse();
  }

  @Test
  void aBrokenPromiseMayBeNarrowlyBroken() {
    assertThat(PROMISE.isNearlyKept(load(1000, 990, 1_650_000))).isTrue();
    assertThat(PROMISE.isNearlyKept(load(1000, 989, 1_100_000))).isFalse();
    assertThat(PROMISE.isNearlyKept(load(1000, 1000, 1_650_001))).isFalse();
  }

  @Test
  void textsShowAsManyDigitsAsThereAre() {
    assertThat(PROMISE.text()).isEqualTo("p99 <= 1,100 ms, errors <= 0.1 %");
    assertThat(Promise.percent(0)).isEqualTo("0 %");
    assertThat(Promise.percent(0.100012)).isEqualTo("10.0012 %");
  }
}
