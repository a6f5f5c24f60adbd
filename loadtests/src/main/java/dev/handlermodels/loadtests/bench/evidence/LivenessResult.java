package dev.handlermodels.loadtests.bench.evidence;

import dev.handlermodels.loadtests.bench.row.BlockedWarning;
import dev.handlermodels.loadtests.bench.sampling.HealthProbe;
import dev.handlermodels.loadtests.bench.sampling.Sample;
import java.util.List;
import java.util.stream.Stream;

/**
 * How the main listener answered health probes under load, which shows a frozen event loop.
 *
 * @param probes requests for /health/live on the main listener that the bench sent in the window
 * @param unanswered those without an answer within {@code timeoutMs}
 * @param p50Ms their median; null where half of them or more had no answer
 * @param maxMs the slowest that was answered; null where none was
 * @param blockedWarnings how often the framework itself warned of a blocked loop in the window
 * @param blockedStack where the loop stood at one of them, or at the latest before the window;
 *     empty where there was none
 */
public record LivenessResult(
    int probes,
    int unanswered,
    long timeoutMs,
    Double p50Ms,
    Double maxMs,
    int blockedWarnings,
    List<String> blockedStack) {

  static LivenessResult of(
      List<Sample.LiveProbe> probes, List<BlockedWarning> warnings, long fromMs, long toMs) {
    List<Sample.LiveProbe> inWindow =
        probes.stream().filter(probe -> probe.atMs() >= fromMs && probe.atMs() < toMs).toList();
    List<Double> answered =
        inWindow.stream().map(Sample.LiveProbe::ms).filter(ms -> ms != null).sorted().toList();
    int median = (inWindow.size() - 1) / 2;
    List<BlockedWarning> blocked =
        warnings.stream().filter(w -> w.atMs() >= fromMs && w.atMs() < toMs).toList();
    return new LivenessResult(
        inWindow.size(),
        inWindow.size() - answered.size(),
        HealthProbe.TIMEOUT_MS,
        answered.size() > median && median >= 0 ? answered.get(median) : null,
        answered.isEmpty() ? null : answered.getLast(),
        blocked.size(),
        blocked.isEmpty() ? List.of() : stack(warnings, fromMs, toMs));
  }

  /**
   * The first stack that shows the blocking call; a warning may also catch the loop between two
   * calls. The log has a stack only now and then, so that of a short window may stand before it.
   */
  private static List<String> stack(List<BlockedWarning> warnings, long fromMs, long toMs) {
    List<BlockedWarning> stacks =
        warnings.stream().filter(w -> w.atMs() < toMs && !w.stack().isEmpty()).toList();
    List<BlockedWarning> bestFirst =
        Stream.concat(
                stacks.stream().filter(w -> w.atMs() >= fromMs),
                stacks.reversed().stream().filter(w -> w.atMs() < fromMs))
            .toList();
    return Stream.concat(
            bestFirst.stream().filter(BlockedWarning::namesBlockingClient), bestFirst.stream())
        .findFirst()
        .map(BlockedWarning::shortened)
        .orElse(List.of());
  }
}
