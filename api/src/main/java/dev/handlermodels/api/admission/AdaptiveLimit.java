package dev.handlermodels.api.admission;

import com.netflix.concurrency.limits.Limit;
import com.netflix.concurrency.limits.limit.AIMDLimit;
import com.netflix.concurrency.limits.limit.Gradient2Limit;
import com.netflix.concurrency.limits.limit.WindowedLimit;
import dev.handlermodels.api.settings.OverloadSettings;
import java.util.concurrent.TimeUnit;

/**
 * A limit of requests in flight that finds itself, between 1 and MAX_IN_FLIGHT, by Netflix's
 * concurrency-limits. Only where ADAPTIVE_LIMIT asks for it is a class of theirs loaded.
 *
 * <p>One limit for all endpoints: it suits a service whose requests take about as long as each
 * other, and not one whose clients choose how long.
 */
public final class AdaptiveLimit {
  /** Before anything has been measured. */
  static final int INITIAL = 20;

  /** AIMD counts an answer that takes longer as one that was lost. */
  static final int LATE_MS = 5_000;

  private static final int WINDOW_MS = 100;

  private final Limit limit;

  private AdaptiveLimit(Limit limit) {
    this.limit = limit;
  }

  /** Null for OFF. */
  public static AdaptiveLimit of(OverloadSettings.Adaptive kind, int maxInFlight) {
    int initial = Math.min(INITIAL, maxInFlight);
    return switch (kind) {
      case OFF -> null;
      case GRADIENT ->
          new AdaptiveLimit(
              WindowedLimit.newBuilder()
                  .minWindowTime(WINDOW_MS, TimeUnit.MILLISECONDS)
                  .build(
                      Gradient2Limit.newBuilder()
                          .initialLimit(initial)
                          .minLimit(1)
                          .maxConcurrency(maxInFlight)
                          .build()));
      case AIMD ->
          new AdaptiveLimit(
              AIMDLimit.newBuilder()
                  .initialLimit(initial)
                  .minLimit(1)
                  .maxLimit(maxInFlight)
                  .timeout(LATE_MS, TimeUnit.MILLISECONDS)
                  .build());
    };
  }

  int now() {
    return limit.getLimit();
  }

  /**
   * @param startNanos when the request began, as {@link System#nanoTime} has it
   * @param inFlight requests at that moment, itself included
   * @param lost whether it met with a limit further in: no thread, no place, no time
   */
  void answered(long startNanos, long tookNanos, int inFlight, boolean lost) {
    limit.onSample(startNanos, tookNanos, inFlight, lost);
  }
}
