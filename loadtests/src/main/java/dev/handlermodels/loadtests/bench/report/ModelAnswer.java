package dev.handlermodels.loadtests.bench.report;

import dev.handlermodels.loadtests.bench.config.HandlerModel;
import dev.handlermodels.loadtests.bench.config.Servers;
import dev.handlermodels.loadtests.bench.evidence.Results;
import dev.handlermodels.loadtests.bench.evidence.RowResult;
import dev.handlermodels.loadtests.bench.row.Row;
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

  /** In the order of the servers; a model without a measured row is left out. */
  static List<ModelAnswer> of(Results results) {
    List<ModelAnswer> answers = new ArrayList<>();
    for (Row row : List.of(Row.VERTX_IO, Row.NIMA_IO, Row.BLOCKING_IO)) {
      HandlerModel model = Servers.model(row.server);
      measured(row, results)
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

  private static Optional<RowResult> measured(Row row, Results results) {
    return results.shown().stream()
        .filter(one -> one.id().equals(row.id()) && one.successesPerSecond() != null)
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
    measured(Row.VERTX_IO_BLOCKING, results)
        .ifPresent(
            row ->
                text.append(
                    String.format(
                        Locale.ROOT,
                        row.verdict().frozen().fires()
                            ? " A blocking call on the loop freezes everybody: %s answers/s."
                            : " With a blocking call on the loop: %s answers/s.",
                        Numbers.text(row.successesPerSecond(), 1))));
    measured(Row.VERTX_IO_OFFLOADED, results)
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

  private static String blockingCall(Results results) {
    return measured(Row.NIMA_IO_BLOCKING, results)
        .map(
            row ->
                " A blocking call does no harm: "
                    + Numbers.text(row.successesPerSecond(), 1)
                    + " answers/s.")
        .orElse("");
  }
}
