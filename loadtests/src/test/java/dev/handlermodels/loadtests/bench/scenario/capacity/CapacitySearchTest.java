package dev.handlermodels.loadtests.bench.scenario.capacity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.loadtests.bench.scenario.capacity.CapacitySearch.Stage;
import dev.handlermodels.loadtests.bench.scenario.capacity.CapacitySearch.Trial;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CapacitySearchTest {
  private static final Promise PROMISE = new Promise(1100, 0.001);
  private static final int FIRST_RATE = 50;

  private static List<Trial> search(CapacitySearch.Load server) throws Exception {
    return new CapacitySearch(PROMISE, server).run(FIRST_RATE);
  }

  private static int found(List<Trial> trials) {
    Trial confirmed = CapacitySearch.confirmed(PROMISE, trials);
    return confirmed == null ? 0 : confirmed.rate();
  }

  private static long count(List<Trial> trials, Stage stage) {
    return trials.stream().filter(trial -> trial.stage() == stage).count();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 38, 40, 49, 50, 51, 99, 100, 333, 1000, 3100, 6400, 9990})
  void theCapacityOfACalmServerIsFound(int capacity) throws Exception {
    List<Trial> trials = search(SimulatedServer.calm(capacity));

    // 20 s at a rate within a percent of the capacity still keep a p99 of 1.1 s.
    assertThat(found(trials))
        .isBetween(
            (int) Math.floor(capacity / (1 + CapacitySearch.RESOLUTION)),
            (int) Math.ceil(capacity * 1.01));
    assertThat(count(trials, Stage.CANDIDATE)).isLessThanOrEqualTo(10);
    assertThat(trials.getLast().stage()).isEqualTo(Stage.CONFIRMATION);
  }

  @Test
  void aServerThatNeverKeepsThePromiseKeepsNoRate() throws Exception {
    List<Trial> trials = search((stage, rate) -> SimulatedServer.trial(stage, rate, 20, 2));

    assertThat(found(trials)).isZero();
    assertThat(trials).noneMatch(trial -> trial.stage() == Stage.CONFIRMATION);
    assertThat(trials.getLast().rate()).isEqualTo(1);
  }

  @Test
  void aServerBeyondTheGeneratorKeepsTheGeneratorsRate() throws Exception {
    assertThat(found(search(SimulatedServer.calm(1_000_000))))
        .isBetween(9525, CapacitySearch.MOST_PER_SECOND);
  }

  @Test
  void probesOfAColdServerDoNotBindTheSearch() throws Exception {
    List<Trial> trials = search(new SimulatedServer(2000, 0, 0, 5, 1));

    assertThat(trials.stream().filter(trial -> trial.stage() == Stage.PROBE))
        .allSatisfy(probe -> assertThat(probe.rate()).isLessThan(1000));
    assertThat(found(trials)).isBetween(1900, 2020);
  }

  @Test
  void probesThatAreTooShortToSeeAQueueDoNotBindItEither() throws Exception {
    Promise patient = new Promise(9000, 0.001);
    List<Trial> trials = new CapacitySearch(patient, SimulatedServer.calm(100)).run(FIRST_RATE);

    // 60 s at 113/s make a queue of 8 s.
    assertThat(CapacitySearch.confirmed(patient, trials).rate()).isBetween(90, 113);
    assertThat(trials.getFirst().rate()).isEqualTo(50);
    assertThat(count(trials, Stage.PROBE)).isGreaterThan(3);
  }

  @Test
  void aNoisyServerIsFoundNearItsCapacity() throws Exception {
    List<Integer> found = new ArrayList<>();
    for (long seed = 0; seed < 300; seed++) {
      List<Trial> trials = search(new SimulatedServer(1000, 0.03, 0.1, 3, seed));
      found.add(found(trials));
      assertThat(trials).as("seed %s", seed).hasSizeLessThanOrEqualTo(30);
    }

    // Two confirmations in a row fail by chance now and then, which costs 15 %.
    assertThat(found).allSatisfy(rate -> assertThat(rate).isBetween(1, 1035));
    assertThat(found.stream().filter(rate -> rate >= 900).count())
        .as("of 300 searches: %s", found)
        .isGreaterThanOrEqualTo(240);
    assertThat(found.stream().filter(rate -> rate >= 800).count())
        .as("of 300 searches: %s", found)
        .isGreaterThanOrEqualTo(290);
  }

  @Test
  void aRateThatDoesNotLastIsNotTheResult() throws Exception {
    // Whatever is asked for longer than 20 s finds a tenth less.
    List<Trial> trials =
        search(
            (stage, rate) ->
                SimulatedServer.calm(stage == Stage.CONFIRMATION ? 900 : 1000).run(stage, rate));

    assertThat(count(trials, Stage.CONFIRMATION)).isBetween(2L, 4L);
    assertThat(found(trials)).isBetween(800, 905);
  }

  @Test
  void onlyWhatBreaksThePromiseNarrowlyIsTriedAgain() throws Exception {
    List<Trial> candidates =
        search(SimulatedServer.calm(99)).stream()
            .filter(trial -> trial.stage() == Stage.CANDIDATE)
            .toList();

    List<Integer> repeated = new ArrayList<>();
    for (int i = 1; i < candidates.size(); i++) {
      Trial before = candidates.get(i - 1);
      boolean again = candidates.get(i).rate() == before.rate();
      if (again) {
        repeated.add(before.rate());
      }
      boolean narrowly =
          !PROMISE.isKept(before.arrivals()) && PROMISE.isNearlyKept(before.arrivals());
      boolean isSecond = i > 1 && candidates.get(i - 2).rate() == before.rate();
      assertThat(again).as("%s", before).isEqualTo(narrowly && !isSecond);
    }
    assertThat(repeated).containsExactly(100); // a queue of 20 makes answers 0.2 s late
  }
}
