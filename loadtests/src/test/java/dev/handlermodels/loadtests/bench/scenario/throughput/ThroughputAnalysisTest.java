package dev.handlermodels.loadtests.bench.scenario.throughput;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.loadtests.bench.scenario.throughput.ThroughputAnalysis.Compared;
import dev.handlermodels.loadtests.bench.scenario.throughput.ThroughputAnalysis.Kind;
import dev.handlermodels.loadtests.bench.scenario.throughput.ThroughputAnalysis.Peer;
import dev.handlermodels.loadtests.bench.scenario.throughput.ThroughputAnalysis.Round;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import dev.handlermodels.loadtests.load.KeepAliveLoad.Outcome;
import java.util.List;
import org.junit.jupiter.api.Test;

class ThroughputAnalysisTest {
  @Test
  void theRatioIsTheMedianOfTheRoundsOwnRatios() {
    Compared vertx =
        ThroughputAnalysis.compare(
                List.of(
                    round(Kind.OURS, 1, 80, 12.5),
                    round(Kind.BARE, 1, 100, 10.0),
                    round(Kind.OURS, 2, 45, 12.5),
                    round(Kind.BARE, 2, 50, 10.0),
                    round(Kind.OURS, 3, 99, 12.5),
                    round(Kind.BARE, 3, 100, 10.0)))
            .getFirst();

    assertThat(vertx.oursPerSecond()).isEqualTo(80);
    assertThat(vertx.barePerSecond()).isEqualTo(100);
    assertThat(vertx.ratio()).isEqualTo(0.9);
    assertThat(vertx.ratioMin()).isEqualTo(0.8);
    assertThat(vertx.ratioMax()).isEqualTo(0.99);
    assertThat(vertx.cpuRatio()).isEqualTo(0.8);
  }

  @Test
  void aRoundWithoutItsCounterpartComparesWithNothing() {
    assertThat(ThroughputAnalysis.compare(List.of(round(Kind.OURS, 1, 80, 12.5)))).isEmpty();
  }

  @Test
  void aPeerStandsForItselfWithTheMedianOfItsRounds() {
    List<Round> rounds =
        List.of(
            round(Kind.OURS, 1, 80, 12.5),
            round(Kind.BARE, 1, 100, 10.0),
            round(Kind.PEER, 1, 40, 24.0),
            round(Kind.PEER, 2, 44, 26.0),
            round(Kind.PEER, 3, 60, 25.0));

    List<Peer> peers = ThroughputAnalysis.peers(rounds);

    assertThat(peers).containsExactly(new Peer("vertx", 44, 25.0, 0.5, 0.1));
    assertThat(ThroughputAnalysis.finding(peers.getFirst()))
        .isEqualTo("vertx: / serves 44 requests/s; CPU per request 25.0 µs.");
    assertThat(ThroughputAnalysis.compare(rounds)).hasSize(1);
  }

  @Test
  void theTargetIsNamedAndJudged() {
    assertThat(ThroughputAnalysis.finding(compared(0.86, 0.5, 0.1)))
        .contains("target 0.85: reached");
    assertThat(ThroughputAnalysis.finding(compared(0.84, 0.5, 0.1)))
        .contains("target 0.85: not reached");
  }

  @Test
  void aGeneratorAtItsLimitAndABusyMachineAreNamed() {
    assertThat(ThroughputAnalysis.finding(compared(0.9, 0.95, 0.1)))
        .contains("load generator used 0.95");
    assertThat(ThroughputAnalysis.finding(compared(0.9, 0.5, 0.1)))
        .doesNotContain("load generator")
        .doesNotContain("Disturbed");
    assertThat(ThroughputAnalysis.finding(compared(0.9, 0.5, 0.7)))
        .contains("Disturbed: others used up");
  }

  @Test
  void theGeneratorsAgreeWithinThreePercent() {
    assertThat(ThroughputAnalysis.agreement(500, 486).sentence()).contains("agree on vertx /io");
    assertThat(ThroughputAnalysis.agreement(500, 484).sentence())
        .contains("do not agree on vertx /io");
  }

  @Test
  void theMedianOfAnEvenNumberIsTheMeanOfTheMiddleTwo() {
    assertThat(Numbers.median(List.of(1.0, 2.0, 4.0, 9.0))).isEqualTo(3);
  }

  private static Compared compared(double ratio, double generatorCores, double otherCores) {
    return new Compared(
        "vertx", 100 * ratio, 100, ratio, ratio, ratio, 12.5, 10.0, generatorCores, otherCores);
  }

  private static Round round(Kind kind, int number, double perSecond, double cpuUs) {
    Outcome outcome = new Outcome(1000, 0, 900, 9, perSecond, 600, 900, 1200, 0.5);
    return new Round("vertx", kind, number, outcome, cpuUs, 0.1);
  }
}
