package dev.handlermodels.api.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.handlermodels.api.Limit;
import dev.handlermodels.api.admission.Cancellation;
import dev.handlermodels.api.admission.ClientGoneException;
import dev.handlermodels.api.settings.GuardSettings;
import dev.handlermodels.api.telemetry.ServerSpan;
import dev.handlermodels.api.upstream.UpstreamException.Kind;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class UpstreamGuardTest {
  private static final int LONG_MS = 3_600_000;

  private static final int PLACES = 20;

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final Limit.Counts limits = new Limit.Counts(registry);
  private final Semaphore places = new Semaphore(PLACES);

  private UpstreamGuard guard(int retryPercent, int breakerPercent, int openMs) {
    return new UpstreamGuard(
        "test",
        new GuardSettings(retryPercent, breakerPercent, 10, openMs),
        places,
        limits,
        registry);
  }

  private static void fail(UpstreamGuard guard, int times, Throwable failure) {
    for (int i = 0; i < times; i++) {
      guard.permit().ended(failure);
    }
  }

  private static UpstreamException failure(Kind kind) {
    return new UpstreamException(kind, "failed");
  }

  private double gauge(String name) {
    return registry.get(name).gauge().value();
  }

  private double counter(String name) {
    return registry.get(name).functionCounter().count();
  }

  @ParameterizedTest
  @EnumSource(value = Kind.class, mode = Mode.EXCLUDE, names = "NOT_ASKED")
  void half_of_the_latest_calls_have_failed_so_no_more_are_made(Kind kind) {
    UpstreamGuard guard = guard(10, 50, LONG_MS);
    fail(guard, 5, null);
    fail(guard, 4, failure(kind));
    assertThat(gauge("upstream.breaker.state")).isZero();
    fail(guard, 1, failure(kind));
    assertThat(gauge("upstream.breaker.state")).isEqualTo(2);
    assertThatThrownBy(guard::permit)
        .isInstanceOfSatisfying(
            UpstreamException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NOT_ASKED));
    assertThat(counter("upstream.not.asked")).isEqualTo(1);
    assertThat(counter("upstream.calls")).isEqualTo(10);
  }

  @Test
  void good_calls_on_trial_close_it_again() {
    UpstreamGuard guard = guard(10, 50, 1);
    fail(guard, 10, failure(Kind.BROKEN));
    int good = 0;
    while (good < UpstreamGuard.TRIAL_CALLS) {
      try {
        guard.permit().ended(null);
        good++;
      } catch (UpstreamException _) {
        Thread.onSpinWait(); // still left alone
      }
    }
    assertThat(gauge("upstream.breaker.state")).isZero();
  }

  @Test
  void who_leaves_or_finds_no_place_is_not_held_against_the_upstream() {
    UpstreamGuard guard = guard(10, 50, LONG_MS);
    fail(guard, 100, new ClientGoneException());
    assertThat(gauge("upstream.breaker.state")).isZero();
    guard.permit().ended(null);
  }

  @Test
  void what_was_cancelled_as_another_call_failed_is_not_held_against_the_upstream() {
    UpstreamGuard guard = guard(10, 50, LONG_MS);
    Cancellation cancellation = new Cancellation(ServerSpan.NONE);
    UpstreamException ofAnother = failure(Kind.BAD_ANSWER);
    assertThat(UpstreamGuard.ownFailure(ofAnother, cancellation.why())).isSameAs(ofAnother);
    cancellation.cancel(ofAnother);
    fail(guard, 100, UpstreamGuard.ownFailure(ofAnother, cancellation.why()));
    assertThat(gauge("upstream.breaker.state")).isZero();
    fail(guard, 10, UpstreamGuard.ownFailure(failure(Kind.BROKEN), cancellation.why()));
    assertThat(gauge("upstream.breaker.state")).as("failures of its own count").isEqualTo(2);
  }

  @Test
  void a_call_too_slow_for_a_deadline_of_all_has_failed() {
    Cancellation cancellation = new Cancellation(ServerSpan.NONE);
    UpstreamException late = UpstreamException.timeoutOfAll(1);
    cancellation.cancel(late);
    assertThat(UpstreamGuard.ownFailure(late, cancellation.why())).isSameAs(late);
  }

  @Test
  void the_breaker_knows_no_wall_clock() {
    AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5); // it may overflow
    UpstreamGuard guard =
        new UpstreamGuard(
            "test",
            new GuardSettings(10, 50, 10, 1000),
            places,
            limits,
            registry,
            new MonotonicClock(nanos::get));
    fail(guard, 10, failure(Kind.BROKEN));
    nanos.addAndGet(999_000_000);
    assertThatThrownBy(guard::permit).isInstanceOf(UpstreamException.class);
    nanos.addAndGet(2_000_000);
    guard.permit().ended(null);
  }

  @Test
  void without_a_breaker_nothing_is_ever_refused() {
    UpstreamGuard guard = guard(10, 0, LONG_MS);
    fail(guard, 1000, failure(Kind.BROKEN));
    guard.permit().ended(null);
    assertThat(counter("upstream.calls")).isEqualTo(1001);
  }

  @Test
  void retries_are_never_more_than_their_share_of_the_calls() {
    UpstreamGuard guard = guard(10, 0, LONG_MS);
    int retries = 0;
    for (int call = 1; call <= 1000; call++) {
      guard.permit().ended(failure(Kind.LOST));
      retries += guard.mayRetry(failure(Kind.LOST)) ? 1 : 0;
      assertThat(retries).isLessThanOrEqualTo(call / 10);
    }
    assertThat(retries).isEqualTo(100);
    assertThat(counter("upstream.retries")).isEqualTo(100);
  }

  @Test
  void a_long_good_time_saves_up_for_a_hiccup_and_not_for_a_storm() {
    UpstreamGuard guard = guard(10, 0, LONG_MS);
    fail(guard, 100_000, null);
    int retries = 0;
    while (guard.mayRetry(failure(Kind.LOST))) {
      retries++;
    }
    assertThat(retries).isEqualTo(20);
  }

  @ParameterizedTest
  @EnumSource(value = Kind.class, mode = Mode.EXCLUDE, names = "LOST")
  void only_a_call_that_was_lost_before_its_answer_began_is_made_again(Kind kind) {
    UpstreamGuard guard = guard(100, 0, LONG_MS);
    guard.permit();
    assertThat(guard.mayRetry(failure(kind))).isFalse();
    assertThat(guard.mayRetry(new ClientGoneException())).isFalse();
    assertThat(guard.mayRetry(failure(Kind.LOST))).isTrue();
  }

  @Test
  void with_all_places_taken_no_call_is_made_until_one_ends_however_it_does() {
    for (int breakerPercent : new int[] {0, 50}) {
      UpstreamGuard guard = guard(10, breakerPercent, LONG_MS);
      List<UpstreamGuard.Permit> permits = new ArrayList<>();
      for (int i = 0; i < PLACES; i++) {
        permits.add(guard.permit());
      }
      double refused = exceeded();
      assertThatThrownBy(guard::permit)
          .isInstanceOfSatisfying(
              UpstreamException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NOT_ASKED));
      assertThat(exceeded()).isEqualTo(refused + 1);
      permits.removeLast().ended(new ClientGoneException());
      permits.add(guard.permit());
      permits.forEach(permit -> permit.ended(null));
      assertThat(places.availablePermits()).isEqualTo(PLACES);
    }
  }

  @Test
  void a_call_that_the_breaker_refuses_takes_no_place() {
    UpstreamGuard guard = guard(10, 50, LONG_MS);
    fail(guard, 10, failure(Kind.BROKEN));
    assertThatThrownBy(guard::permit).isInstanceOf(UpstreamException.class);
    assertThat(places.availablePermits()).isEqualTo(PLACES);
    assertThat(exceeded()).isZero();
  }

  private double exceeded() {
    return registry
        .get("http.server.limits.exceeded")
        .tag("limit", "upstream-connections")
        .functionCounter()
        .count();
  }
}
