package dev.handlermodels.loadtests.bench.report;

import dev.handlermodels.loadtests.bench.evidence.Results;
import dev.handlermodels.loadtests.bench.evidence.RowResult;
import dev.handlermodels.loadtests.bench.sampling.HealthProbe;
import dev.handlermodels.loadtests.bench.servers.HandlerModel;
import dev.handlermodels.loadtests.bench.servers.RowRole;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** The anti-pattern beside its two correct twins: what froze, and what did not. */
record BlockedLoopTable(List<String> titles, List<List<String>> lines, List<String> stack) {
  private static final List<RowRole> TWINS =
      List.of(RowRole.BLOCKED_LOOP, RowRole.OFFLOADED_CALL, RowRole.HARMLESS_CALL);

  /** It has no titles where none of the three was measured. */
  static BlockedLoopTable of(Results results) {
    List<RowResult> rows =
        TWINS.stream()
            .flatMap(twin -> results.shown(twin).stream())
            .filter(row -> row.proof() != null)
            .toList();
    List<List<String>> lines =
        List.of(
            line("Answers/s", rows, row -> Numbers.text(row.successesPerSecond(), 1)),
            line("Loop lag, worst", rows, row -> Numbers.unit(row.loopLagMaxMs(), 1, "ms")),
            line(
                "/health/live, asked", rows, row -> Numbers.whole(row.proof().probes()) + " times"),
            line(
                "/health/live, no answer within " + HealthProbe.TIMEOUT_MS + " ms",
                rows,
                row -> Numbers.whole(row.proof().unanswered()) + " times"),
            line("/health/live, median", rows, row -> Numbers.unit(row.proof().p50Ms(), 1, "ms")),
            line(
                "/health/live, slowest answer",
                rows,
                row -> Numbers.unit(row.proof().maxMs(), 1, "ms")),
            line(
                "Blocked-thread warnings of Vert.x",
                rows,
                row ->
                    results.model(row) == HandlerModel.EVENT_LOOP
                        ? Numbers.whole(row.proof().blockedWarnings())
                        : Numbers.NONE));
    List<String> stack =
        rows.stream()
            .map(row -> row.proof().blockedStack())
            .filter(frames -> !frames.isEmpty())
            .findFirst()
            .orElse(List.of());
    return new BlockedLoopTable(
        rows.stream().map(row -> row.server() + " " + row.endpoint()).toList(), lines, stack);
  }

  private static List<String> line(
      String label, List<RowResult> rows, Function<RowResult, String> cell) {
    List<String> line = new ArrayList<>(List.of(label));
    rows.forEach(row -> line.add(cell.apply(row)));
    return line;
  }
}
