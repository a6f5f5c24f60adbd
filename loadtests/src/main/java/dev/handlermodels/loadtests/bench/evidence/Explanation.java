package dev.handlermodels.loadtests.bench.evidence;

import dev.handlermodels.loadtests.bench.row.WindowStats;
import dev.handlermodels.loadtests.bench.servers.PublishedFigures;
import dev.handlermodels.loadtests.bench.servers.Row;
import dev.handlermodels.loadtests.bench.servers.Variables;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** Explains the figures of a row; beside published figures, also why those differ. */
final class Explanation {
  private Explanation() {}

  static String of(Row row, Evidence evidence) {
    if (evidence.settings().target() != null) {
      return "Measured from outside, on a server that was there already.";
    }
    Map<String, String> figures = figures(evidence);
    String model = Variables.fill(row.why() == null ? usual(evidence) : row.why(), figures);
    PublishedFigures published = row.published();
    return published != null && published.why() != null && asThere(published, evidence)
        ? model + " " + Variables.fill(published.why(), figures)
        : model;
  }

  /**
   * The published figures were measured under this load, so they explain nothing under another one.
   */
  private static boolean asThere(PublishedFigures published, Evidence evidence) {
    return evidence.settings().users() == published.users()
        && evidence.settings().waitMs() == published.waitMs();
  }

  /** For a row whose description says nothing. */
  private static String usual(Evidence evidence) {
    Ceiling ceiling = evidence.ceiling();
    if (ceiling.perSecond() == null) {
      return ceiling.waitKnown()
          ? "Nothing waits in this row, or nobody knows where, so it has no ceiling."
          : "The description does not say what waits in this row, so it has no ceiling. It is"
              + " judged by failures, by users who were never served and by its health checks.";
    }
    return ceiling.atOnce() < evidence.settings().users()
        ? "Each request occupies one of ${places} "
            + ceiling.limitedBy()
            + " for its whole wait, and all others queue: ${ceiling}."
        : "All users can wait at the same time: ${ceiling}.";
  }

  private static Map<String, String> figures(Evidence evidence) {
    WindowStats window = evidence.window();
    WindowStats.Latency latency = window.latencyMs();
    Map<String, String> figures = new HashMap<>();
    figures.put("ceiling", evidence.ceiling().arithmetic(evidence.settings().waitMs()));
    figures.put("places", Numbers.whole(evidence.ceiling().atOnce()));
    figures.put("timeoutMs", Numbers.whole(evidence.settings().requestTimeoutMs()));
    figures.put("outcome", outcome(evidence));
    figures.put("answersPerSecond", Numbers.text(evidence.successesPerSecond(), 1));
    figures.put("failuresPerSecond", Numbers.text(window.perSecond(window.failures()), 1));
    figures.put("medianMs", Numbers.whole(latency == null ? null : latency.p50()));
    return figures;
  }

  /** What became of a queue that is longer than the clients wait, by the figures of this row. */
  private static String outcome(Evidence evidence) {
    String timeout = Numbers.whole(evidence.settings().requestTimeoutMs());
    WindowStats window = evidence.window();
    if (window.successes() == 0 && window.failures() > 0) {
      return String.format(
          Locale.ROOT,
          "The queue is longer than their time-out of %s ms. So the server makes even that one call"
              + " for a client that has given up, and nobody gets an answer.",
          timeout);
    }
    String answers =
        window.successes() == 1 ? "1 answer" : Numbers.whole(window.successes()) + " answers";
    if (window.failures() == 0 && evidence.endedBeforeTimeouts()) {
      return String.format(
          Locale.ROOT,
          "There were %s in this window%s. The run ended before anybody had waited for the time-out"
              + " of %s ms. From then on the server would make even that one call for a client that"
              + " has given up.",
          answers,
          neverServed(evidence),
          timeout);
    }
    return String.format(
        Locale.ROOT,
        "There were %s and %s failures in this window%s; clients give up after %s ms.",
        answers,
        Numbers.whole(window.failures()),
        neverServed(evidence),
        timeout);
  }

  private static String neverServed(Evidence evidence) {
    if (evidence.users() == null || evidence.settings().isOpen()) {
      return "";
    }
    int all = evidence.settings().users();
    int never = all - evidence.users().served();
    return never == 0
        ? ""
        : String.format(
            Locale.ROOT,
            ", and %s of %s users never got one",
            Numbers.whole(never),
            Numbers.whole(all));
  }
}
