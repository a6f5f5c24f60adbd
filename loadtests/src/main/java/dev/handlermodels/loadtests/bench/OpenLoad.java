package dev.handlermodels.loadtests.bench;

/**
 * An open load in the window.
 *
 * @param arrivalsPerSecond asked for
 * @param inFlightAtStart requests sent and not ended when the window began
 * @param inFlightAtEnd the same at its end: growth is a queue without end
 * @param notSent arrivals that sent nothing, because the cap of requests in flight was reached
 * @param injectorLateMs how late the injector itself was; contained in every latency
 */
record OpenLoad(
    int arrivalsPerSecond,
    long inFlightAtStart,
    long inFlightAtEnd,
    long notSent,
    Arrivals.Lateness injectorLateMs) {

  /** Fewer answers than this share of the arrivals, and the queue grows. */
  static final double KEEPS_UP = 0.95;

  /** A queue from before the window may end in it, above the rate of arrival. */
  boolean fits(WindowStats window) {
    return window.successes()
        <= arrivalsPerSecond * window.seconds() * (1 + Verdicts.CEILING_TOLERANCE)
            + inFlightAtStart;
  }

  Verdict starved(Evidence evidence) {
    double answers = evidence.successesPerSecond();
    boolean fires = answers < KEEPS_UP * arrivalsPerSecond;
    return new Verdict(
        fires,
        ("%s: %s arrivals/s, %s answers/s; requests in flight went from %s to %s in the window,"
                + " where %s would be waiting if nobody queued%s. The injector was %s ms late at"
                + " p99, %s ms at most; latencies count from the intended start.")
            .formatted(
                fires ? "Starved" : "Nobody starved",
                Numbers.whole(arrivalsPerSecond),
                Numbers.text(answers, 1),
                Numbers.whole(inFlightAtStart),
                Numbers.whole(inFlightAtEnd),
                Numbers.whole(evidence.settings().users()),
                notSent == 0
                    ? ""
                    : "; " + Numbers.whole(notSent) + " arrivals sent nothing, at the cap",
                Numbers.whole(injectorLateMs == null ? null : injectorLateMs.p99()),
                Numbers.whole(injectorLateMs == null ? null : injectorLateMs.max())));
  }
}
