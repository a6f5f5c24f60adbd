package dev.handlermodels.api.upstream;

import dev.handlermodels.api.Limit;
import dev.handlermodels.api.settings.GuardSettings;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What stands between all callers of one upstream and that upstream: a limit of calls at once, a
 * circuit breaker (resilience4j's; off unless UPSTREAM_BREAKER_PERCENT is set) and a budget of
 * retries. Whichever client makes the call asks for a {@link Permit} before it and says afterwards
 * what became of it, which is counted and timed. Nothing here waits, so an event loop may ask.
 */
public final class UpstreamGuard {
  private static final Logger LOG = LoggerFactory.getLogger(UpstreamGuard.class);

  /** Calls that decide whether an upstream is well again. */
  static final int TRIAL_CALLS = 5;

  private static final UpstreamException OPEN =
      new UpstreamException(
          UpstreamException.Kind.NOT_ASKED, "it failed too often, so it gets no calls for a while");

  private static final UpstreamException BUSY =
      new UpstreamException(
          UpstreamException.Kind.NOT_ASKED,
          "its connections are all busy, and enough calls wait for one");

  private static final CancellationException CANCELLED =
      new CancellationException("another call has failed");

  /** Null where it is off. */
  private final CircuitBreaker breaker;

  private final RetryBudget budget;

  /** Calls that have a connection or wait for one. */
  private final Semaphore places;

  private final Limit.Counts limits;

  private final CallTimes times;
  private final LongAdder calls = new LongAdder();
  private final LongAdder retries = new LongAdder();
  private final LongAdder notAsked = new LongAdder();

  /** Leave to make a call. */
  @FunctionalInterface
  public interface Permit {
    /**
     * The call has ended, retry included.
     *
     * @param failure null where there was a good answer; what is no {@link UpstreamException}, such
     *     as a client that left, is not held against the upstream
     */
    void ended(Throwable failure);
  }

  /**
   * @param places shared by all that stand before the same connections
   */
  UpstreamGuard(
      String upstream,
      GuardSettings settings,
      Semaphore places,
      Limit.Counts limits,
      MeterRegistry registry) {
    this(upstream, settings, places, limits, registry, new MonotonicClock(System::nanoTime));
  }

  UpstreamGuard(
      String upstream,
      GuardSettings settings,
      Semaphore places,
      Limit.Counts limits,
      MeterRegistry registry,
      Clock clock) {
    this.breaker = settings.breakerPercent() == 0 ? null : breaker(upstream, settings, clock);
    this.budget = new RetryBudget(settings.retryPercent());
    this.places = places;
    this.limits = limits;
    this.times = new CallTimes(registry, upstream);
    Gauge.builder("upstream.breaker.state", this, UpstreamGuard::state)
        .description("0: calls are made, 1: a few on trial, 2: none")
        .tag("upstream", upstream)
        .register(registry);
    counter(registry, upstream, "calls", calls, "calls that were made, retries not counted");
    counter(registry, upstream, "retries", retries, "calls that were made again");
    counter(
        registry, upstream, "not.asked", notAsked, "calls not made because the breaker was open");
  }

  private static void counter(
      MeterRegistry registry, String upstream, String name, LongAdder count, String what) {
    FunctionCounter.builder("upstream." + name, count, LongAdder::doubleValue)
        .description(what)
        .tag("upstream", upstream)
        .register(registry);
  }

  private static CircuitBreaker breaker(String upstream, GuardSettings settings, Clock clock) {
    CircuitBreaker breaker =
        CircuitBreaker.of(
            upstream,
            CircuitBreakerConfig.custom()
                .clock(clock)
                .slidingWindowType(SlidingWindowType.COUNT_BASED)
                .slidingWindowSize(settings.breakerCalls())
                .minimumNumberOfCalls(settings.breakerCalls())
                .failureRateThreshold(settings.breakerPercent())
                .waitDurationInOpenState(Duration.ofMillis(settings.breakerOpenMs()))
                .permittedNumberOfCallsInHalfOpenState(TRIAL_CALLS)
                .build());
    breaker
        .getEventPublisher()
        .onStateTransition(
            event ->
                LOG.warn(
                    "circuit breaker of upstream {}: {}",
                    upstream,
                    event.getStateTransition().getToState()));
    return breaker;
  }

  private double state() {
    return breaker == null
        ? 0
        : switch (breaker.getState()) {
          case CLOSED, DISABLED, METRICS_ONLY -> 0;
          case HALF_OPEN -> 1;
          case OPEN, FORCED_OPEN -> 2;
        };
  }

  /**
   * @throws UpstreamException where the breaker is open, or too many calls wait for a connection:
   *     the call is not to be made
   */
  public Permit permit() {
    if (!places.tryAcquire()) {
      throw busy();
    }
    if (breaker != null && !breaker.tryAcquirePermission()) {
      places.release();
      notAsked.increment();
      throw OPEN;
    }
    calls.increment();
    budget.called();
    long startNanos = System.nanoTime();
    return failure -> {
      places.release();
      long tookNanos = System.nanoTime() - startNanos;
      times.ended(tookNanos, failure);
      if (breaker != null) {
        judge(tookNanos, failure);
      }
    };
  }

  /**
   * How a call that has ended is to be judged, for {@link Permit#ended}. A call that was cancelled
   * throws what it was cancelled for, which may be the failure of another call: that is not held
   * against this call's upstream. A call that was too slow for a deadline of all has failed itself.
   *
   * @param failure null where there was a good answer
   * @param cancelledFor why the work was cancelled; null where it was not
   */
  public static Throwable ownFailure(Throwable failure, Throwable cancelledFor) {
    boolean isOfAnother =
        failure instanceof UpstreamException e && failure == cancelledFor && !e.isOfAll();
    return isOfAnother ? CANCELLED : failure;
  }

  /** Why a call is not made for which there is no room; counted. */
  public UpstreamException busy() {
    limits.exceeded(Limit.UPSTREAM_CONNECTIONS);
    return BUSY;
  }

  private void judge(long tookNanos, Throwable failure) {
    switch (failure) {
      case null -> breaker.onSuccess(tookNanos, TimeUnit.NANOSECONDS);
      case UpstreamException e -> breaker.onError(tookNanos, TimeUnit.NANOSECONDS, e);
      default -> breaker.releasePermission();
    }
  }

  /**
   * Whether a call that failed so may be made once more: it was a GET, so asking twice does no
   * harm, and the connection ended before a byte of the answer, so another one may do better.
   */
  public boolean mayRetry(Throwable failure) {
    boolean may =
        failure instanceof UpstreamException e
            && e.kind() == UpstreamException.Kind.LOST
            && budget.take();
    if (may) {
      retries.increment();
    }
    return may;
  }
}
