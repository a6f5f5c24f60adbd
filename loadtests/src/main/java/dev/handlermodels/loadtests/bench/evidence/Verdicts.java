package dev.handlermodels.loadtests.bench.evidence;

import dev.handlermodels.loadtests.UserStats;
import dev.handlermodels.loadtests.Warmup;
import dev.handlermodels.loadtests.bench.evidence.Evidence.CpuUse;
import dev.handlermodels.loadtests.bench.evidence.Evidence.UpstreamUse;
import dev.handlermodels.loadtests.bench.row.OpenLoadStats;
import dev.handlermodels.loadtests.bench.row.WindowStats;
import dev.handlermodels.loadtests.bench.servers.Row;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import java.util.Locale;

/**
 * The judgements about a row, as docs/method.md defines them.
 *
 * @param summary the row in one sentence
 * @param aboveCeiling the row is invalid: something does not wait
 * @param starved users waited in a queue, or for ever
 * @param wasted the server worked for clients that had gone
 * @param limitedBy the row shows the load generator's or the upstream's limit, not the server's
 * @param disturbed other processes took the machine's time
 * @param frozen the main listener did not even answer whether it lives
 * @param settled the load had not come to rest when measuring began
 * @param why the row's own figures, explained
 */
public record Verdicts(
    String summary,
    Verdict aboveCeiling,
    Verdict starved,
    Verdict wasted,
    Verdict limitedBy,
    Verdict disturbed,
    Verdict settled,
    Verdict frozen,
    String why) {

  /** Above its ceiling by more than this, a row is invalid. */
  static final double CEILING_TOLERANCE = 0.02;

  /** More users than this share waiting for their turn are starved. */
  static final double STARVED_SHARE = 0.10;

  /** With fewer answers than this share of the arrivals, the queue of an open load grows. */
  private static final double OPEN_LOAD_KEEPS_UP = 0.95;

  /** Calls that end on the edge of the window may fall on either side of it. */
  static final double WASTED_SHARE = 0.02;

  static final long WASTED_CALLS = 3;
  static final double CPU_SHARE = 0.80;
  static final double UPSTREAM_LATE = 1.10;
  static final double DISTURBED_SHARE = 0.10;

  /** A single probe without an answer may be chance. */
  static final int FROZEN_PROBES = 2;

  static final double FROZEN_SHARE = 0.10;

  static Verdict aboveCeiling(Evidence evidence) {
    Double ceiling = evidence.ceiling().perSecond();
    if (ceiling == null && !evidence.ceiling().waitKnown()) {
      return new Verdict(
          false, "Unknown: the description does not say what waits here, so there is no ceiling.");
    }
    if (ceiling == null && evidence.settings().waitMs() > 0) {
      return new Verdict(false, "Unknown: nobody can see from outside how many requests can wait.");
    }
    if (ceiling == null) {
      return new Verdict(false, "Nothing waits in this row, so it has no ceiling to compare with.");
    }
    double share = evidence.successesPerSecond() / ceiling;
    boolean above = share > 1 + CEILING_TOLERANCE && !fitsIntoWindow(evidence);
    boolean oneOfMany = evidence.settings().target() != null && evidence.ceiling().reported();
    boolean fires = above && !oneOfMany;
    String figures =
        String.format(
            Locale.ROOT,
            "%s answers/s are %s of the ceiling of %s/s (%s%s)",
            Numbers.text(evidence.successesPerSecond(), 1),
            Numbers.percent(share),
            Numbers.text(ceiling, 1),
            evidence.ceiling().arithmetic(evidence.settings().waitMs()),
            evidence.ceiling().movedBy());
    if (above && oneOfMany) {
      return new Verdict(false, figures + ", that of one instance, so several answer here.");
    }
    return new Verdict(
        fires, fires ? "Invalid: " + figures + ", so something does not wait." : figures + ".");
  }

  /**
   * A window that is no whole multiple of the wait may contain the end of one more wait than its
   * length suggests, for every request at once.
   */
  private static boolean fitsIntoWindow(Evidence evidence) {
    WindowStats window = evidence.window();
    if (evidence.open() != null && fits(evidence.open(), window)) {
      return true;
    }
    long waits = (long) (window.seconds() * 1000 / evidence.settings().waitMs()) + 1;
    return window.successes() <= evidence.ceiling().atOnce() * waits;
  }

  /** A queue from before the window may end in it, above the rate of arrival. */
  private static boolean fits(OpenLoadStats open, WindowStats window) {
    return window.successes()
        <= open.arrivalsPerSecond() * window.seconds() * (1 + CEILING_TOLERANCE)
            + open.inFlightAtStart();
  }

  public static Verdict starved(Evidence evidence) {
    if (evidence.settings().isOpen() && evidence.window() != null && evidence.open() != null) {
      return starved(evidence.open(), evidence);
    }
    UserStats users = evidence.users();
    if (users == null || evidence.settings().isOpen()) {
      return new Verdict(false, "Unknown: Gatling left no facts about its users.");
    }
    int all = evidence.settings().users();
    int neverServed = all - users.served();
    if (!evidence.ceiling().waitKnown()) {
      return servedAtAll(neverServed, all, users);
    }
    double served = Math.min(all, evidence.usersBeingServed());
    boolean queue = evidence.settings().waitMs() > 0 && served < (1 - STARVED_SHARE) * all;
    boolean places = evidence.ceiling().atOnce() < all; // fewer than users, so they take turns
    boolean fires = queue || neverServed > 0;
    return new Verdict(
        fires,
        String.format(
            Locale.ROOT,
            ("%s: at any moment about %s of %s users were being served%s; %s; when the load ended,"
                + " %s requests were in flight, the oldest for %s ms."),
            fires ? "Starved" : "Nobody starved",
            Numbers.whole(served),
            Numbers.whole(all),
            queue
                ? ", and the other "
                    + Numbers.whole(all - served)
                    + (places
                        ? " waited for " + turn(evidence.ceiling())
                        : " waited for a busy server")
                : "",
            neverServed == 0
                ? "each user got at least one answer"
                : Numbers.whole(neverServed) + " never got an answer",
            Numbers.whole(users.unfinished()),
            Numbers.whole(users.oldestUnfinishedMs())));
  }

  /** {@code one of 20 connections to the upstream (UPSTREAM_MAX_CONNECTIONS)}. */
  private static String turn(Ceiling ceiling) {
    return String.format(
        Locale.ROOT,
        "%s %s%s",
        ceiling.atOnce() == 1 ? "the only" : "one of " + Numbers.whole(ceiling.atOnce()),
        ceiling.limitedBy(),
        ceiling.setting() == null ? "" : " (" + ceiling.setting() + ")");
  }

  /** Where nobody knows how long a request waits, only users without an answer show a queue. */
  private static Verdict servedAtAll(int neverServed, int all, UserStats users) {
    return new Verdict(
        neverServed > 0,
        String.format(
            Locale.ROOT,
            "%s: %s of %s users never got an answer; when the load ended, %s requests were in"
                + " flight, the oldest for %s ms. How many waited in a queue cannot be known.",
            neverServed > 0 ? "Starved" : "Nobody starved",
            Numbers.whole(neverServed),
            Numbers.whole(all),
            Numbers.whole(users.unfinished()),
            Numbers.whole(users.oldestUnfinishedMs())));
  }

  public static Verdict starved(OpenLoadStats open, Evidence evidence) {
    double answers = evidence.successesPerSecond();
    boolean fires = answers < OPEN_LOAD_KEEPS_UP * open.arrivalsPerSecond();
    return new Verdict(
        fires,
        String.format(
            Locale.ROOT,
            ("%s: %s arrivals/s, %s answers/s; requests in flight went from %s to %s in the window,"
                + " where %s would be waiting if nobody queued%s. The injector was %s ms late at"
                + " p99, %s ms at most; latencies count from the intended start."),
            fires ? "Starved" : "Nobody starved",
            Numbers.whole(open.arrivalsPerSecond()),
            Numbers.text(answers, 1),
            Numbers.whole(open.inFlightAtStart()),
            Numbers.whole(open.inFlightAtEnd()),
            Numbers.whole(evidence.settings().users()),
            open.notSent() == 0
                ? ""
                : "; " + Numbers.whole(open.notSent()) + " arrivals sent nothing, at the cap",
            Numbers.whole(open.injectorLateMs() == null ? null : open.injectorLateMs().p99()),
            Numbers.whole(open.injectorLateMs() == null ? null : open.injectorLateMs().max())));
  }

  static Verdict wasted(UpstreamUse upstream) {
    if (upstream == null) {
      return new Verdict(false, "Unknown: the upstream's counters could not be read.");
    }
    long wasted = upstream.wasted();
    boolean fires = wasted >= WASTED_CALLS && wasted > WASTED_SHARE * upstream.completed();
    String figures =
        String.format(
            Locale.ROOT,
            "%s of the %s calls that the upstream completed became an answer",
            Numbers.whole(upstream.completed() - wasted),
            Numbers.whole(upstream.completed()));
    return new Verdict(
        fires,
        fires
            ? String.format(
                Locale.ROOT,
                "Wasted work: %s; %s were made for clients that had gone.",
                figures,
                Numbers.whole(wasted))
            : "No wasted work: " + figures + ".");
  }

  static Verdict limitedBy(Evidence evidence) {
    CpuUse cpu = evidence.cpu();
    if (cpu == null) {
      return new Verdict(false, "Unknown: there are no samples of the processes.");
    }
    double gatling = cpu.shareOfReach(cpu.gatling());
    if (evidence.settings().target() != null) {
      return limitedByGatling(gatling);
    }
    double upstream = cpu.shareOfReach(cpu.upstream());
    Double p99Ms = evidence.upstream() == null ? null : evidence.upstream().p99Ms();
    int waitMs = evidence.settings().waitMs();
    boolean late = p99Ms != null && waitMs > 0 && p99Ms > waitMs * UPSTREAM_LATE;
    String by =
        gatling > CPU_SHARE
            ? "the load generator"
            : upstream > CPU_SHARE || late ? "the upstream" : "";
    String figures =
        String.format(
            Locale.ROOT,
            ("Gatling used %s, the upstream %s and the server %s of the CPU that the others"
                + " left to it; the upstream's own p99 was %s ms for a wait of %s ms"),
            Numbers.percent(gatling),
            Numbers.percent(upstream),
            Numbers.percent(cpu.shareOfReach(cpu.server())),
            Numbers.whole(p99Ms),
            Numbers.whole(waitMs));
    return new Verdict(
        !by.isEmpty(),
        by.isEmpty()
            ? "Not limited by the load generator or the upstream: " + figures + "."
            : "Limited by " + by + ", not by the server: " + figures + ".");
  }

  private static Verdict limitedByGatling(double share) {
    boolean fires = share > CPU_SHARE;
    return new Verdict(
        fires,
        String.format(
            Locale.ROOT,
            "%simited by the load generator: Gatling used %s of the CPU left to it. What the"
                + " target and its upstream used cannot be seen from here.",
            fires ? "L" : "Not l",
            Numbers.percent(share)));
  }

  static Verdict disturbed(CpuUse cpu) {
    if (cpu == null || cpu.other() == null) {
      return new Verdict(false, "Unknown: what else ran on the machine could not be read.");
    }
    boolean fires = cpu.other() > DISTURBED_SHARE * cpu.available();
    return new Verdict(
        fires,
        String.format(
            Locale.ROOT,
            "%s: everything else on the machine used %s of %s CPU seconds.",
            fires ? "Disturbed" : "Not disturbed",
            Numbers.text(cpu.other(), 1),
            Numbers.text(cpu.available(), 1)));
  }

  static Verdict settled(Evidence evidence) {
    Warmup warmup = evidence.warmup();
    if (warmup == null) {
      return new Verdict(false, "Unknown: the run kept no record of its warm-up.");
    }
    int boundSeconds = evidence.settings().warmupSeconds();
    if (warmup.windows().size() < 2) {
      return new Verdict(
          true,
          String.format(
              Locale.ROOT,
              "Not settled: a warm-up of %d s is too short for two windows of %d s.",
              boundSeconds,
              warmup.windowSeconds()));
    }
    Warmup.Window before = warmup.windows().get(warmup.windows().size() - 2);
    Warmup.Window last = warmup.windows().getLast();
    return new Verdict(
        !warmup.settled(),
        String.format(
            Locale.ROOT,
            ("%s: in the last two warm-up windows of %d s %s and %s requests ended, with medians of"
                + " %s ms and %s ms."),
            warmup.settled() ? "Settled" : "Not settled within " + boundSeconds + " s",
            warmup.windowSeconds(),
            Numbers.whole(before.ended()),
            Numbers.whole(last.ended()),
            Numbers.whole(before.p50Ms()),
            Numbers.whole(last.p50Ms())));
  }

  /**
   * Judges whether the server still answered. A pool that serves as many as it has threads is not
   * frozen, even where health checks stand in its queue and wait as long as everybody.
   *
   * @param loopLagMaxMs the worst lag of the event loop in the window; null where there is none
   * @param queued whether health checks may stand in such a queue
   */
  static Verdict frozen(LivenessResult proof, Double loopLagMaxMs, boolean queued) {
    if (proof == null || proof.probes() == 0) {
      return new Verdict(false, "Unknown: the main listener was not asked whether it lives.");
    }
    boolean fires = !queued && manyUnanswered(proof);
    String blocked =
        fires && loopLagMaxMs != null
            ? String.format(
                Locale.ROOT,
                "the event loop was blocked for up to %s s, and ",
                Numbers.whole(loopLagMaxMs / 1000))
            : "";
    String warned =
        proof.blockedWarnings() == 0
            ? ""
            : String.format(
                Locale.ROOT,
                "; the framework itself warned %s times that its loop was blocked",
                Numbers.whole(proof.blockedWarnings()));
    String checks =
        proof.unanswered() == 0
            ? String.format(
                Locale.ROOT,
                "all %s health checks on the main listener were answered",
                Numbers.whole(proof.probes()))
            : String.format(
                Locale.ROOT,
                "%s of %s health checks on the main listener got no answer",
                Numbers.whole(proof.unanswered()),
                Numbers.whole(proof.probes()));
    return new Verdict(
        fires,
        String.format(
            Locale.ROOT,
            "%s: %s%s within %s ms%s%s.",
            fires ? "Froze" : "Not frozen",
            blocked,
            checks,
            Numbers.whole(proof.timeoutMs()),
            warned,
            queued && manyUnanswered(proof) ? "; they queue for the pool like everybody" : ""));
  }

  static boolean manyUnanswered(LivenessResult proof) {
    return proof.unanswered() >= FROZEN_PROBES
        && proof.unanswered() > FROZEN_SHARE * proof.probes();
  }

  /** All verdicts of a row that reached its window. */
  static Verdicts of(Row row, Evidence evidence, Double loopLagMaxMs, String trouble) {
    Verdict aboveCeiling = aboveCeiling(evidence);
    Verdict starved = starved(evidence);
    Verdict wasted = wasted(evidence.upstream());
    Verdict limitedBy = limitedBy(evidence);
    Verdict disturbed = disturbed(evidence.cpu());
    Verdict settled = settled(evidence);
    boolean queued = starved.fires() && evidence.ceiling().isOfPool();
    Verdict frozen = frozen(evidence.proof(), loopLagMaxMs, queued);
    return new Verdicts(
        VerdictSummary.of(
            evidence,
            trouble,
            aboveCeiling,
            starved,
            wasted,
            limitedBy,
            disturbed,
            settled,
            frozen),
        aboveCeiling,
        starved,
        wasted,
        limitedBy,
        disturbed,
        settled,
        frozen,
        Explanation.of(row, evidence));
  }

  /** A row that never reached its window has nothing to judge. */
  static Verdicts none(String trouble) {
    Verdict unknown = new Verdict(false, "Unknown: the row never reached its measured window.");
    String summary = "Failed: " + trouble;
    return new Verdicts(summary, unknown, unknown, unknown, unknown, unknown, unknown, unknown, "");
  }
}
