package dev.handlermodels.loadtests.bench.report;

import dev.handlermodels.loadtests.bench.evidence.Results;
import dev.handlermodels.loadtests.bench.evidence.RowResult;
import dev.handlermodels.loadtests.bench.servers.HandlerModel;
import dev.handlermodels.loadtests.bench.servers.RowRole;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a run says of one handler model, for a reader who reads nothing else.
 *
 * @param figure answers/s of the model's right way
 */
record ModelAnswer(HandlerModel model, String figure, String sentence) {

  /** In the order of the models; a model without a measured row is left out. */
  static List<ModelAnswer> of(Results results) {
    List<ModelAnswer> answers = new ArrayList<>();
    for (HandlerModel model : HandlerModel.values()) {
      measured(RowRole.RIGHT_WAY, model, results)
          .ifPresent(
              io ->
                  answers.add(
                      new ModelAnswer(
                          model,
                          Numbers.text(io.successesPerSecond(), 1) + " answers/s",
                          sentence(model, io, results))));
    }
    return answers;
  }

  /** Of several servers of one model the first speaks for it. */
  private static Optional<RowResult> measured(RowRole role, HandlerModel model, Results results) {
    return results.shown(role).stream()
        .filter(one -> results.model(one) == model && one.successesPerSecond() != null)
        .findFirst();
  }

  private static String sentence(HandlerModel model, RowResult io, Results results) {
    return switch (model) {
      case EVENT_LOOP -> right(io, results) + blockedLoop(results);
      case VIRTUAL_THREADS -> right(io, results) + blockingCall(results);
      case THREAD_POOL, UNKNOWN -> right(io, results);
    };
  }

  /** {@code 99.8 % of what is possible: all 500 users wait at the same time.} */
  private static String right(RowResult io, Results results) {
    String share =
        io.shareOfCeiling() == null
            ? "The ceiling is unknown"
            : Numbers.percent(io.shareOfCeiling()) + " of what is possible";
    int users = results.settings().users();
    int waitMs = results.settings().waitMs();
    if (io.ceilingPerSecond() == null || waitMs == 0) {
      return share + ".";
    }
    long places = Math.round(io.ceilingPerSecond() * waitMs / 1000);
    return places < users
        ? String.format(
            Locale.ROOT,
            "%s: %s requests wait at the same time, and those of the other %s users stand in the"
                + " queue.",
            share,
            Numbers.whole(places),
            Numbers.whole(users - places))
        : String.format(
            Locale.ROOT, "%s: all %s users wait at the same time.", share, Numbers.whole(users));
  }

  private static String blockedLoop(Results results) {
    StringBuilder text = new StringBuilder();
    measured(RowRole.BLOCKED_LOOP, HandlerModel.EVENT_LOOP, results)
        .ifPresent(
            row ->
                text.append(
                    String.format(
                        Locale.ROOT,
                        row.verdict().frozen().fires()
                            ? " A blocking call on the loop freezes everybody: %s answers/s%s."
                            : " With a blocking call on the loop: %s answers/s%s.",
                        Numbers.text(row.successesPerSecond(), 1),
                        neverServed(row))));
    measured(RowRole.OFFLOADED_CALL, HandlerModel.EVENT_LOOP, results)
        .ifPresent(
            row ->
                text.append(
                    String.format(
                        Locale.ROOT,
                        " Handed to %s workers: %s answers/s.",
                        Numbers.whole(results.settings().workers()),
                        Numbers.text(row.successesPerSecond(), 1))));
    return text.toString();
  }

  private static String neverServed(RowResult row) {
    return row.usersNeverServed() == null || row.usersNeverServed() == 0
        ? ""
        : String.format(
            Locale.ROOT,
            ", and %s of %s users never got one",
            Numbers.whole(row.usersNeverServed()),
            Numbers.whole(row.users()));
  }

  private static String blockingCall(Results results) {
    return measured(RowRole.HARMLESS_CALL, HandlerModel.VIRTUAL_THREADS, results)
        .map(
            row ->
                " A blocking call does no harm: "
                    + Numbers.text(row.successesPerSecond(), 1)
                    + " answers/s.")
        .orElse("");
  }
}
