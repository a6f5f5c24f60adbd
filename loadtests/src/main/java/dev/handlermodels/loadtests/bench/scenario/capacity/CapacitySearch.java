package dev.handlermodels.loadtests.bench.scenario.capacity;

import dev.handlermodels.loadtests.bench.process.MeasurementException;
import dev.handlermodels.loadtests.load.ArrivalLoad.IntervalStats;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds the highest rate of arrivals that keeps a promise, to within {@value #RESOLUTION}.
 *
 * <ol>
 *   <li>Short probes double the rate until the promise breaks. They tell where to look, prove
 *       nothing, and warm the server.
 *   <li>Candidates halve the gap between the highest rate that kept the promise and the lowest that
 *       broke it. A candidate that broke it narrowly is tried once more: that may have been chance.
 *   <li>The highest rate that a candidate kept has to keep it for longer. Where it does not, 5 %
 *       less has to, then another 10 % less, then 20 %.
 * </ol>
 */
final class CapacitySearch {
  static final double RESOLUTION = 0.05;

  /** A load generator of one thread does not send more. */
  static final int MOST_PER_SECOND = 10_000;

  static final int MOST_CANDIDATES = 14;
  static final int MOST_CONFIRMATIONS = 4;

  private static final double STEP = 1.25;

  /** What a load is for; each takes longer than the one before. */
  enum Stage {
    PROBE,
    CANDIDATE,
    CONFIRMATION
  }

  /** The server that is searched. */
  interface Load {
    Trial run(Stage stage, int rate) throws IOException, InterruptedException, MeasurementException;
  }

  /**
   * A load at one rate. What could not be read is null.
   *
   * @param arrivals and what became of them, without those of the beginning
   * @param generatorCores that the load generator used
   * @param cpuUsPerRequest CPU time of the server's process ÷ arrivals, the beginning included
   * @param busyCores of the whole machine
   * @param otherCores that neither server, upstream nor generator used
   * @param gcPauseShare of the time in which the server's collector stopped it
   */
  record Trial(
      Stage stage,
      int rate,
      IntervalStats arrivals,
      double generatorCores,
      Double cpuUsPerRequest,
      Double busyCores,
      Double otherCores,
      Double gcPauseShare) {
    Double serverCores() {
      return cpuUsPerRequest == null ? null : (Double) (cpuUsPerRequest * rate / 1e6);
    }
  }

  private final Promise promise;
  private final Load load;
  private final List<Trial> trials = new ArrayList<>();

  /** The highest rate that kept the promise; 0 for none. */
  private int kept;

  /** The lowest rate that broke it. */
  private int broken = MOST_PER_SECOND + 1;

  /** Whether a candidate has shown it, and not only a probe. */
  private boolean keptIsSure;

  private boolean brokenIsSure = true;

  CapacitySearch(Promise promise, Load load) {
    this.promise = promise;
    this.load = load;
  }

  /**
   * All loads in their order.
   *
   * @param firstRate of the first probe
   */
  List<Trial> run(int firstRate) throws IOException, InterruptedException, MeasurementException {
    probe(firstRate);
    for (int candidates = 0; candidates < MOST_CANDIDATES && !isFound(); candidates++) {
      int rate = next();
      note(rate, isKeptByCandidate(rate));
    }
    confirm();
    return List.copyOf(trials);
  }

  /** The load that confirmed the rate; null where none did. */
  static Trial confirmed(Promise promise, List<Trial> trials) {
    return trials.stream()
        .filter(trial -> trial.stage() == Stage.CONFIRMATION && promise.isKept(trial.arrivals()))
        .findFirst()
        .orElse(null);
  }

  private boolean keeps(Stage stage, int rate)
      throws IOException, InterruptedException, MeasurementException {
    Trial trial = load.run(stage, rate);
    trials.add(trial);
    return promise.isKept(trial.arrivals());
  }

  private void probe(int firstRate) throws IOException, InterruptedException, MeasurementException {
    int rate = firstRate;
    while (rate <= MOST_PER_SECOND && keeps(Stage.PROBE, rate)) {
      kept = rate;
      rate *= 2;
    }
    if (rate <= MOST_PER_SECOND) {
      broken = rate;
      brokenIsSure = false;
    }
    while (kept == 0 && broken > 1) {
      rate = broken / 2;
      if (keeps(Stage.PROBE, rate)) {
        kept = rate;
      } else {
        broken = rate;
      }
    }
  }

  private boolean isFound() {
    return kept == 0 && broken == 1 || keptIsSure && brokenIsSure && isGapClosed();
  }

  private boolean isGapClosed() {
    return broken - kept <= 1 || broken <= kept * (1 + RESOLUTION);
  }

  private int next() {
    if (kept == 0) {
      return Math.max(1, broken / 2);
    }
    if (!isGapClosed()) {
      int middle = (int) Math.round(Math.sqrt((double) kept * broken));
      int notFar = (int) Math.ceil(kept * STEP * STEP);
      return Math.clamp(Math.min(middle, notFar), kept + 1, broken - 1);
    }
    return keptIsSure ? broken : kept;
  }

  private boolean isKeptByCandidate(int rate)
      throws IOException, InterruptedException, MeasurementException {
    return keeps(Stage.CANDIDATE, rate)
        || promise.isNearlyKept(trials.getLast().arrivals()) && keeps(Stage.CANDIDATE, rate);
  }

  private void note(int rate, boolean isKept) {
    if (isKept) {
      kept = rate;
      keptIsSure = true;
      if (rate >= broken) { // the probe was wrong: the server was still cold
        broken = MOST_PER_SECOND + 1;
        brokenIsSure = true;
      }
    } else {
      broken = rate;
      brokenIsSure = true;
      if (rate <= kept) { // the probe was too short to see it
        kept = rate == 1 ? 0 : Math.max(1, (int) (rate / STEP));
        keptIsSure = false;
      }
    }
  }

  private void confirm() throws IOException, InterruptedException, MeasurementException {
    int rate = kept;
    double less = RESOLUTION;
    for (int tries = 0; tries < MOST_CONFIRMATIONS && rate > 0; tries++) {
      if (keeps(Stage.CONFIRMATION, rate)) {
        return;
      }
      rate = Math.min(rate - 1, (int) Math.round(rate * (1 - less)));
      less *= 2;
    }
  }
}
