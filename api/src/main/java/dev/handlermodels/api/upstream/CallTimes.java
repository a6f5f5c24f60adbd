package dev.handlermodels.api.upstream;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** How long the calls of one upstream took, by what became of them; a retry is part of its call. */
final class CallTimes {
  private static final String ANSWERED = "answered";

  /** The client left, another call of the same request failed, or the fault is ours. */
  private static final String CANCELLED = "cancelled";

  private final MeterRegistry registry;
  private final String upstream;
  private final Map<String, Timer> timers = new ConcurrentHashMap<>();

  CallTimes(MeterRegistry registry, String upstream) {
    this.registry = registry;
    this.upstream = upstream;
    timers.put(ANSWERED, timer(ANSWERED));
  }

  private Timer timer(String outcome) {
    return Timer.builder("upstream.call")
        .description("time of a call to the upstream, with its wait for a connection and its retry")
        .tags("upstream", upstream, "outcome", outcome)
        .serviceLevelObjectives(
            Duration.ofMillis(1),
            Duration.ofMillis(5),
            Duration.ofMillis(25),
            Duration.ofMillis(100),
            Duration.ofMillis(500),
            Duration.ofMillis(1010),
            Duration.ofMillis(1100),
            Duration.ofMillis(2500),
            Duration.ofSeconds(10),
            Duration.ofSeconds(30),
            Duration.ofSeconds(65))
        .register(registry);
  }

  /**
   * @param failure null where there was a good answer
   */
  void ended(long tookNanos, Throwable failure) {
    timers.computeIfAbsent(outcome(failure), this::timer).record(tookNanos, TimeUnit.NANOSECONDS);
  }

  private static String outcome(Throwable failure) {
    return switch (failure) {
      case null -> ANSWERED;
      case UpstreamException e -> e.errorType();
      default -> CANCELLED;
    };
  }
}
