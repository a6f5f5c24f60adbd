package dev.handlermodels.loadtests.bench.evidence;

import dev.handlermodels.loadtests.bench.config.Settings;
import dev.handlermodels.loadtests.bench.row.WindowStats;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import java.util.Locale;

/** A row in one sentence, the worst first. */
final class VerdictSummary {
  /** From here on a row counts as having reached its ceiling. */
  private static final double AT_CEILING = 0.98;

  /** A row that answers fewer than this share of its requests is dead. */
  private static final double DEAD = 0.50;

  private VerdictSummary() {}

  static String of(
      Evidence evidence,
      String trouble,
      Verdict aboveCeiling,
      Verdict starved,
      Verdict wasted,
      Verdict limitedBy,
      Verdict disturbed,
      Verdict settled,
      Verdict frozen) {
    StringBuilder text = new StringBuilder();
    if (trouble != null) {
      text.append("Partial: ").append(trouble).append(' ');
    }
    if (aboveCeiling.fires()) {
      return text.append(aboveCeiling.sentence()).toString();
    }
    if (frozen.fires()) {
      text.append(froze(frozen)).append(' ');
    }
    text.append(standing(evidence, starved.fires()));
    LivenessResult proof = evidence.proof();
    if (!frozen.fires() && proof != null && Verdicts.manyUnanswered(proof)) {
      text.append(
          String.format(
              Locale.ROOT,
              " %s of %s health checks got no answer within %s ms: they queue for the pool, too.",
              Numbers.whole(proof.unanswered()),
              Numbers.whole(proof.probes()),
              Numbers.whole(proof.timeoutMs())));
    }
    if (wasted.fires()) {
      text.append(' ').append(Numbers.whole(evidence.upstream().wasted()));
      text.append(" upstream calls were made for clients that had gone.");
    }
    if (limitedBy.fires()) {
      text.append(' ').append(headline(limitedBy));
    }
    if (disturbed.fires()) {
      text.append(' ').append(disturbed.sentence());
    }
    if (settled.fires()) {
      text.append(' ').append(headline(settled));
    }
    return text.toString();
  }

  /** {@code Froze: the event loop was blocked for up to 95 s, and 29 of 29 health checks ...} */
  private static String froze(Verdict frozen) {
    return frozen.sentence().replaceFirst(" on the main listener.*", "") + " got no answer.";
  }

  /** A verdict without its figures, which stand in the list of verdicts. */
  private static String headline(Verdict verdict) {
    return verdict.sentence().substring(0, verdict.sentence().indexOf(':')) + ".";
  }

  private static String standing(Evidence evidence, boolean starved) {
    WindowStats window = evidence.window();
    double successShare =
        window.requests() == 0 ? 0 : window.successes() / (double) window.requests();
    String rate = Numbers.text(evidence.successesPerSecond(), 1) + " answers/s";
    if (window.requests() == 0) {
      return "Dead: not one request ended in the window." + tooEarly(evidence);
    }
    if (successShare < DEAD) {
      return String.format(
          Locale.ROOT,
          "Dead: %s; %s of %s requests failed (%s).",
          rate,
          Numbers.whole(window.failures()),
          Numbers.whole(window.requests()),
          String.join(", ", window.failuresByKind().keySet()));
    }
    String failures =
        window.failures() == 0 ? "no failure" : Numbers.percent(1 - successShare) + " failed";
    String share = share(evidence);
    String p99 = "p99 " + Numbers.whole(window.latencyMs().p99()) + " ms, " + failures;
    if (starved && !evidence.ceiling().waitKnown()) {
      return String.format(
          Locale.ROOT, "Starved: %s%s; some users never got an answer; %s.", rate, share, p99);
    }
    return starved
        ? String.format(
            Locale.ROOT,
            "Starved: %s%s; at any moment only %s of %s %s were being served; %s.",
            rate,
            share,
            Numbers.whole(Math.min(evidence.settings().users(), evidence.usersBeingServed())),
            Numbers.whole(evidence.settings().users()),
            evidence.settings().isOpen() ? "arrivals in one wait" : "users",
            p99)
        : String.format(Locale.ROOT, "%s: %s%s; %s.", word(evidence), rate, share, p99);
  }

  /** A run shorter than the clients' time-out cannot show who gives up. */
  private static String tooEarly(Evidence evidence) {
    Settings settings = evidence.settings();
    return !evidence.endedBeforeTimeouts()
        ? ""
        : String.format(
                Locale.ROOT,
                " Nobody was answered, and nobody had waited for the %s ms after which a client"
                    + " gives up:",
                Numbers.whole(settings.requestTimeoutMs()))
            + " this run is too short for time-outs.";
  }

  private static String word(Evidence evidence) {
    Double ceiling = evidence.ceiling().perSecond();
    if (ceiling == null) {
      return evidence.settings().waitMs() > 0 || !evidence.ceiling().waitKnown()
          ? "Ceiling unknown"
          : "No wait";
    }
    return evidence.successesPerSecond() / ceiling >= AT_CEILING
        ? "At its ceiling"
        : "Below its ceiling";
  }

  /** {@code (40 pool threads, POOL_SIZE)}: what a reader can move. */
  private static String binding(Ceiling ceiling) {
    return ceiling.setting() == null
        ? ""
        : String.format(
            Locale.ROOT,
            " (%s %s, %s)",
            Numbers.whole(ceiling.atOnce()),
            ceiling.limitedBy(),
            ceiling.setting());
  }

  private static String share(Evidence evidence) {
    Double ceiling = evidence.ceiling().perSecond();
    return ceiling == null
        ? ""
        : String.format(
            Locale.ROOT,
            ", %s of its ceiling of %s/s%s",
            Numbers.percent(evidence.successesPerSecond() / ceiling),
            Numbers.text(ceiling, 1),
            binding(evidence.ceiling()));
  }
}
