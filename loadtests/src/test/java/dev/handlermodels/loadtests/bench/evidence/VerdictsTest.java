package dev.handlermodels.loadtests.bench.evidence;

import static dev.handlermodels.loadtests.bench.evidence.Samples.ALL_SERVED;
import static dev.handlermodels.loadtests.bench.evidence.Samples.IDLE_MACHINE;
import static dev.handlermodels.loadtests.bench.evidence.Samples.evidence;
import static dev.handlermodels.loadtests.bench.evidence.Samples.upstream;
import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.loadtests.UserStats;
import dev.handlermodels.loadtests.Warmup;
import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.evidence.Evidence.CpuUse;
import dev.handlermodels.loadtests.bench.evidence.Evidence.UpstreamUse;
import dev.handlermodels.loadtests.bench.row.WindowStats;
import dev.handlermodels.loadtests.bench.servers.Servers;
import dev.handlermodels.loadtests.bench.servers.TableRows;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Each verdict is given data where it must fire and data where it must not. */
class VerdictsTest {
  @Test
  void aboveCeilingFiresBeyondTwoPercent() {
    Verdict verdict = Verdicts.aboveCeiling(evidence(TableRows.VERTX_IO, 30_660, ALL_SERVED));

    assertThat(verdict.fires()).isTrue();
    assertThat(verdict.sentence())
        .isEqualTo(
            "Invalid: 511.0 answers/s are 102.2 % of the ceiling of 500.0/s"
                + " (500 users / 1,000 ms), so something does not wait.");
  }

  @Test
  void aboveCeilingDoesNotFireWithinTwoPercent() {
    Verdict verdict = Verdicts.aboveCeiling(evidence(TableRows.VERTX_IO, 30_540, ALL_SERVED));

    assertThat(verdict)
        .isEqualTo(
            new Verdict(
                false,
                "509.0 answers/s are 101.8 % of the ceiling of 500.0/s (500 users / 1,000 ms)."));
  }

  @Test
  void aboveCeilingDoesNotFireForOneWaitMoreThatFitsIntoAShortWindow() {
    WindowStats window = new WindowStats(4.6, 2500, 0, Map.of(), null);
    Evidence full = evidence(TableRows.VERTX_IO, 0, ALL_SERVED);

    assertThat(Verdicts.aboveCeiling(in(window, full)).fires()).isFalse();
    assertThat(
            Verdicts.aboveCeiling(in(new WindowStats(4.6, 2501, 0, Map.of(), null), full)).fires())
        .isTrue();
  }

  private static Evidence in(WindowStats window, Evidence evidence) {
    return new Evidence(
        evidence.settings(),
        evidence.ceiling(),
        window,
        evidence.users(),
        evidence.upstream(),
        evidence.cpu(),
        evidence.warmup(),
        evidence.proof());
  }

  @Test
  void starvedFiresForUsersThatQueueWithoutAnyFailure() {
    Verdict verdict = Verdicts.starved(evidence(TableRows.BLOCKING_IO, 2_400, ALL_SERVED));

    assertThat(verdict)
        .isEqualTo(
            new Verdict(
                true,
                "Starved: at any moment about 40 of 500 users were being served, and the other 460"
                    + " waited for one of 40 pool threads (POOL_SIZE); each user got at least one"
                    + " answer; when the load ended, 500 requests were in flight, the oldest for"
                    + " 990 ms."));
  }

  @Test
  void starvedFiresForUsersThatNeverGotAnAnswer() {
    UserStats users = new UserStats(1000, 81_000, true, 29_000, 0, 500, 490, 500, 79_000);

    Verdict verdict = Verdicts.starved(evidence(TableRows.VERTX_IO, 29_500, users));

    assertThat(verdict.fires()).isTrue();
    assertThat(verdict.sentence()).contains("10 never got an answer", "oldest for 79,000 ms");
  }

  @Test
  void starvedDoesNotFireWhenAllUsersWaitInTheUpstream() {
    Verdict verdict = Verdicts.starved(evidence(TableRows.VERTX_IO, 29_700, ALL_SERVED));

    assertThat(verdict)
        .isEqualTo(
            new Verdict(
                false,
                "Nobody starved: at any moment about 495 of 500 users were being served; each user"
                    + " got at least one answer; when the load ended, 500 requests were in flight,"
                    + " the oldest for 990 ms."));
  }

  @Test
  void wastedFiresForCallsThatBecameNobodysAnswer() {
    assertThat(Verdicts.wasted(upstream(60, 10, 1003)))
        .isEqualTo(
            new Verdict(
                true,
                "Wasted work: 10 of the 60 calls that the upstream completed became an answer;"
                    + " 50 were made for clients that had gone."));
  }

  @Test
  void wastedDoesNotFireForTheEdgeOfTheWindow() {
    assertThat(Verdicts.wasted(upstream(30_000, 29_960, 1003)).fires()).isFalse();
    assertThat(Verdicts.wasted(new UpstreamUse(1000, 1000, 900, 0, 1003.0)).fires())
        .as("nobody has gone, so the answers are on their way")
        .isFalse();
    assertThat(Verdicts.wasted(upstream(60, 58, 1003)).fires()).isFalse();
    assertThat(Verdicts.wasted(upstream(30_000, 30_004, 1003)))
        .isEqualTo(
            new Verdict(
                false,
                "No wasted work: 30,000 of the 30,000 calls that the upstream completed became an"
                    + " answer."));
  }

  @Test
  void limitedFiresForALoadGeneratorThatUsedWhatItCouldGet() {
    // 120 - 60 - 10 - 2 = 48 CPU seconds are left to Gatling, and it takes 45 of them.
    Verdict verdict = limitedBy(new CpuUse(60, 10, 45, 2.0, 120), 1003);

    assertThat(verdict.fires()).isTrue();
    assertThat(verdict.sentence())
        .startsWith("Limited by the load generator, not by the server:")
        .contains("Gatling used 93.8 %");
  }

  @Test
  void limitedFiresForAnUpstreamThatUsedWhatItCouldGet() {
    // 120 - 20 - 20 = 80 CPU seconds are left to the upstream, and it takes 70 of them.
    Verdict verdict = limitedBy(new CpuUse(20, 70, 20, 0.0, 120), 1003);

    assertThat(verdict.fires()).isTrue();
    assertThat(verdict.sentence()).startsWith("Limited by the upstream").contains("87.5 %");
  }

  @Test
  void limitedFiresForAnUpstreamThatAnsweredLate() {
    Verdict verdict = limitedBy(IDLE_MACHINE, 1101);

    assertThat(verdict.fires()).isTrue();
    assertThat(verdict.sentence())
        .startsWith("Limited by the upstream")
        .contains("p99 was 1,101 ms for a wait of 1,000 ms");
  }

  @Test
  void limitedDoesNotFireOnAnIdleMachine() {
    Verdict verdict = limitedBy(IDLE_MACHINE, 1003);

    assertThat(verdict.fires()).isFalse();
    assertThat(verdict.sentence())
        .startsWith("Not limited by the load generator or the upstream:")
        .contains("Gatling used 28.4 %, the upstream 13.7 % and the server ");
  }

  @Test
  void disturbedFiresWhenOthersTookMoreThanATenth() {
    assertThat(Verdicts.disturbed(new CpuUse(20, 10, 25, 13.0, 120)))
        .isEqualTo(
            new Verdict(
                true, "Disturbed: everything else on the machine used 13.0 of 120.0 CPU seconds."));
  }

  @Test
  void disturbedDoesNotFireOnAnIdleMachine() {
    assertThat(Verdicts.disturbed(IDLE_MACHINE).fires()).isFalse();
  }

  @Test
  void settledFiresWhileThroughputOrMedianStillMoves() {
    Verdict throughput = settled(new Warmup.Window(2300, 1002L), new Warmup.Window(2480, 1002L));
    Verdict median = settled(new Warmup.Window(200, 9_000L), new Warmup.Window(200, 12_500L));

    assertThat(throughput)
        .isEqualTo(
            new Verdict(
                true,
                "Not settled within 10 s: in the last two warm-up windows of 5 s 2,300 and 2,480"
                    + " requests ended, with medians of 1,002 ms and 1,002 ms."));
    assertThat(median.fires()).isTrue();
  }

  @Test
  void settledFiresWhereNothingEndedOrNothingCouldBeCompared() {
    assertThat(settled(new Warmup.Window(0, null), new Warmup.Window(0, null)).fires()).isTrue();
    assertThat(settled(new Warmup.Window(2480, 1002L)))
        .isEqualTo(
            new Verdict(
                true, "Not settled: a warm-up of 10 s is too short for two windows of 5 s."));
  }

  @Test
  void settledFiresWhereTooFewEndedToCompare() {
    Verdict verdict = settled(new Warmup.Window(5, 3000L), new Warmup.Window(5, 3000L));

    assertThat(verdict.fires()).isTrue();
  }

  @Test
  void frozenFiresWhenTheMainListenerDoesNotAnswer() {
    assertThat(
            Verdicts.frozen(
                new LivenessResult(30, 28, 2000, null, 1900.0, 61, List.of()), 68_456.3, false))
        .isEqualTo(
            new Verdict(
                true,
                "Froze: the event loop was blocked for up to 68 s, and 28 of 30 health checks on"
                    + " the main listener got no answer within 2,000 ms; the framework itself"
                    + " warned 61 times that its loop was blocked."));
  }

  @Test
  void frozenDoesNotFireForAnAnswerOrTwoThatGotLost() {
    assertThat(
            Verdicts.frozen(new LivenessResult(60, 0, 2000, 1.2, 51.5, 0, List.of()), null, false))
        .isEqualTo(
            new Verdict(
                false,
                "Not frozen: all 60 health checks on the main listener were answered within 2,000"
                    + " ms."));
    assertThat(
            Verdicts.frozen(new LivenessResult(8, 1, 2000, 1.2, 51.5, 0, List.of()), null, false)
                .fires())
        .isFalse();
    assertThat(
            Verdicts.frozen(new LivenessResult(60, 6, 2000, 1.2, 51.5, 0, List.of()), null, false)
                .fires())
        .isFalse();
  }

  @Test
  void healthChecksInTheQueueOfAPoolAreNoProofOfAFrozenServer() {
    Evidence pool = evidence(TableRows.BLOCKING_IO, 2_400, ALL_SERVED);
    LivenessResult proof = new LivenessResult(29, 29, 2000, null, null, 0, List.of());
    Evidence queued =
        new Evidence(
            pool.settings(),
            pool.ceiling(),
            pool.window(),
            pool.users(),
            pool.upstream(),
            pool.cpu(),
            pool.warmup(),
            proof);

    Verdicts verdicts = Verdicts.of(TableRows.BLOCKING_IO, queued, null, null);

    assertThat(verdicts.starved().fires()).isTrue();
    assertThat(verdicts.frozen())
        .isEqualTo(
            new Verdict(
                false,
                "Not frozen: 29 of 29 health checks on the main listener got no answer within 2,000"
                    + " ms; they queue for the pool like everybody."));
    assertThat(verdicts.summary())
        .startsWith("Starved: ")
        .endsWith(
            "29 of 29 health checks got no answer within 2,000 ms: they queue for the pool, too.");
  }

  @Test
  void settledDoesNotFireOnceTheLastTwoWindowsAgree() {
    Verdict verdict =
        settled(
            new Warmup.Window(900, 1400L),
            new Warmup.Window(2400, 1010L),
            new Warmup.Window(2490, 1002L));

    assertThat(verdict)
        .isEqualTo(
            new Verdict(
                false,
                "Settled: in the last two warm-up windows of 5 s 2,400 and 2,490 requests ended,"
                    + " with medians of 1,010 ms and 1,002 ms."));
    assertThat(settled(new Warmup.Window(9000, 1L), new Warmup.Window(9000, 2L)).fires())
        .as("a millisecond is the unit of the log")
        .isFalse();
  }

  private static Verdict settled(Warmup.Window... windows) {
    Evidence full = evidence(TableRows.VERTX_IO, 29_700, ALL_SERVED);
    return Verdicts.settled(
        new Evidence(
            full.settings(),
            full.ceiling(),
            full.window(),
            full.users(),
            full.upstream(),
            full.cpu(),
            new Warmup(5, List.of(windows)),
            null));
  }

  @Test
  void whatWasNotMeasuredIsUnknownAndDoesNotFire() {
    Evidence evidence = evidence(TableRows.VERTX_IO, 29_700, Map.of(), null, null, null);

    assertThat(Verdicts.starved(evidence))
        .matches(v -> !v.fires() && v.sentence().startsWith("Un"));
    assertThat(Verdicts.settled(evidence))
        .matches(v -> !v.fires() && v.sentence().startsWith("Unknown"));
    assertThat(Verdicts.frozen(null, null, false))
        .matches(v -> !v.fires() && v.sentence().startsWith("Unknown"));
    assertThat(Verdicts.wasted(null))
        .matches(v -> !v.fires() && v.sentence().startsWith("Unknown"));
    assertThat(Verdicts.limitedBy(evidence))
        .matches(v -> !v.fires() && v.sentence().startsWith("Unknown"));
    assertThat(Verdicts.disturbed(null))
        .matches(v -> !v.fires() && v.sentence().startsWith("Unknown"));
  }

  @Test
  void theSummaryNamesTheWorst() {
    assertThat(summary(evidence(TableRows.VERTX_IO, 29_700, ALL_SERVED)))
        .isEqualTo(
            "At its ceiling: 495.0 answers/s, 99.0 % of its ceiling of 500.0/s; p99 1,010 ms, no"
                + " failure.");
    assertThat(summary(evidence(TableRows.VERTX_IO, 28_000, ALL_SERVED)))
        .startsWith("Below its ceiling");
    assertThat(summary(evidence(TableRows.BLOCKING_IO, 2_400, ALL_SERVED)))
        .isEqualTo(
            "Starved: 40.0 answers/s, 100.0 % of its ceiling of 40.0/s (40 pool threads,"
                + " POOL_SIZE); at any moment only 40 of 500 users were being served; p99 1,010 ms,"
                + " no failure.");
    assertThat(summary(evidence(TableRows.VERTX_IO, 30_660, ALL_SERVED))).startsWith("Invalid: ");
    assertThat(
            summary(
                evidence(
                    TableRows.VERTX_IO_BLOCKING,
                    10,
                    Map.of("time-out", 900L),
                    ALL_SERVED,
                    upstream(60, 10, 1003),
                    IDLE_MACHINE)))
        .isEqualTo(
            "Dead: 0.2 answers/s; 900 of 910 requests failed (time-out). 50 upstream calls were"
                + " made for clients that had gone.");
  }

  @Test
  void aSummaryOfAFrozenServerBeginsWithThat() {
    Evidence dead =
        evidence(
            TableRows.VERTX_IO_BLOCKING,
            0,
            Map.of("time-out", 900L),
            ALL_SERVED,
            upstream(0, 0, 1003),
            IDLE_MACHINE);
    Evidence frozen =
        new Evidence(
            dead.settings(),
            dead.ceiling(),
            dead.window(),
            dead.users(),
            dead.upstream(),
            dead.cpu(),
            dead.warmup(),
            new LivenessResult(29, 29, 2000, null, null, 61, List.of()));

    assertThat(Verdicts.of(TableRows.VERTX_IO_BLOCKING, frozen, 95_123.0, null).summary())
        .startsWith(
            "Froze: the event loop was blocked for up to 95 s, and 29 of 29 health checks got no"
                + " answer. Dead: 0.0 answers/s; 900 of 900 requests failed (time-out).");
  }

  @Test
  void aRunTooShortForTimeOutsSaysSoWhereNothingEnded() {
    WindowStats nothing = new WindowStats(10, 0, 0, Map.of(), null);
    Evidence full = evidence(TableRows.VERTX_IO_BLOCKING, 0, ALL_SERVED);
    Settings quick = new Settings(500, 1000, 2, 7, 10, 30_000, 1, 40, 40, 18080, 19090, 18081);
    Evidence early =
        new Evidence(quick, full.ceiling(), nothing, full.users(), null, null, null, null);

    assertThat(summary(early))
        .startsWith(
            "Dead: not one request ended in the window. Nobody was answered, and nobody had waited"
                + " for the 30,000 ms after which a client gives up");
    assertThat(summary(in(nothing, full)))
        .startsWith("Dead: not one request ended in the window.")
        .doesNotContain("gives up");
  }

  /** The server of 20 connections: the setting that binds it stands in its own report. */
  @Test
  void theVerdictNamesTheSettingThatBinds() {
    Settings settings = new Settings(300, 20, 2, 7, 10, 30_000, 1, 40, 40, 1, 2, 3);
    Ceiling ceiling =
        Ceiling.of(
            TableRows.VERTX_IO,
            Servers.get("vertx").limits(),
            settings,
            Map.of("settings.upstreamMaxConnections", "20", "settings.maxInFlight", "3960"));
    WindowStats window =
        new WindowStats(10, 8_250, 0, Map.of(), new WindowStats.Latency(360, 380, 400, 500, 363));
    UserStats users = new UserStats(1000, 20_000, true, 8_250, 0, 300, 300, 300, 400);
    Evidence evidence = new Evidence(settings, ceiling, window, users, null, null, null, null);

    assertThat(Verdicts.aboveCeiling(evidence).sentence())
        .isEqualTo(
            "825.0 answers/s are 82.5 % of the ceiling of 1,000.0/s (20 connections to the upstream"
                + " / 20 ms; UPSTREAM_MAX_CONNECTIONS moves it).");
    assertThat(Verdicts.starved(evidence).sentence())
        .contains(
            "and the other 284 waited for one of 20 connections to the upstream"
                + " (UPSTREAM_MAX_CONNECTIONS)");
    assertThat(summary(evidence))
        .contains(
            "82.5 % of its ceiling of 1,000.0/s (20 connections to the upstream,"
                + " UPSTREAM_MAX_CONNECTIONS)");
  }

  /** --quick: ten answers, no failure, and nearly nobody served. */
  @Test
  void aQuickRunOfTheBlockedLoopSaysWhatItSaw() {
    Settings quick = new Settings(500, 1000, 2, 7, 10, 30_000, 1, 40, 40, 18080, 19090, 18081);
    WindowStats window =
        new WindowStats(
            10, 10, 0, Map.of(), new WindowStats.Latency(12_000, 17_000, 17_000, 17_000, 12_000));
    UserStats users = new UserStats(1000, 20_000, true, 18, 0, 500, 18, 482, 19_000);
    Ceiling ceiling = Ceiling.of(TableRows.VERTX_IO_BLOCKING, quick);
    Evidence evidence = new Evidence(quick, ceiling, window, users, null, null, null, null);

    assertThat(Verdicts.of(TableRows.VERTX_IO_BLOCKING, evidence, null, null).why())
        .contains(
            "There were 10 answers in this window, and 482 of 500 users never got one. The run"
                + " ended before anybody had waited for the time-out of 30,000 ms.")
        .doesNotContain("nobody gets an answer");
  }

  @Test
  void aFullRunOfTheBlockedLoopSaysThatNobodyGetsAnAnswer() {
    Evidence evidence =
        evidence(
            TableRows.VERTX_IO_BLOCKING,
            0,
            Map.of("time-out", 900L),
            ALL_SERVED,
            upstream(60, 0, 1003),
            IDLE_MACHINE);

    assertThat(Verdicts.of(TableRows.VERTX_IO_BLOCKING, evidence, null, null).why())
        .contains(
            "for a client that has given up, and nobody gets an answer.",
            "15.0 failures/s. The time-out determines the failure rate.");
  }

  private static Verdict limitedBy(CpuUse cpu, double upstreamP99Ms) {
    return Verdicts.limitedBy(
        evidence(
            TableRows.VERTX_IO,
            29_700,
            Map.of(),
            ALL_SERVED,
            upstream(29_700, 29_700, upstreamP99Ms),
            cpu));
  }

  private static String summary(Evidence evidence) {
    return Verdicts.of(TableRows.VERTX_IO, evidence, null, null).summary();
  }
}
