package dev.handlermodels.api.admission;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.handlermodels.api.ProblemException;
import dev.handlermodels.api.Problems;
import dev.handlermodels.api.settings.RateLimitSettings;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.TimeMeter;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * How often clients may ask: a token bucket for each client and one for all, which fill up evenly
 * over a window and start full. A client that has had its share is refused before the bucket of all
 * is asked, so that it takes nothing from the others.
 *
 * <p>The header fields are those of draft-ietf-httpapi-ratelimit-headers-10.
 */
public final class RateLimit {
  private static final String CLIENT = "client";
  private static final String ALL = "all";

  private final RateLimitSettings settings;
  private final TimeMeter clock;
  private final String policies;

  /** Null where clients are not limited, as {@code all} is where all of them are not. */
  private final Cache<String, Bucket> clients;

  private final Bucket all;
  private final Counter refusedToClient;
  private final Counter refusedToAll;

  public RateLimit(RateLimitSettings settings, MeterRegistry registry) {
    this(settings, registry, TimeMeter.SYSTEM_NANOTIME);
  }

  public RateLimit(RateLimitSettings settings, MeterRegistry registry, TimeMeter clock) {
    this.settings = settings;
    this.clock = clock;
    this.policies = policies(settings);
    this.clients = settings.perClient() == 0 ? null : clients(settings);
    this.all = settings.inAll() == 0 ? null : bucket(settings.inAll());
    this.refusedToClient = refused(registry, CLIENT);
    this.refusedToAll = refused(registry, ALL);
    if (clients != null) {
      registry.gauge("rate.limit.clients", clients, Cache::estimatedSize);
    }
  }

  private static Counter refused(MeterRegistry registry, String policy) {
    return Counter.builder("rate.limit.refused")
        .description("requests refused with 429")
        .tag("policy", policy)
        .register(registry);
  }

  /**
   * A bucket that nobody has touched for a window is full again, so nothing is lost by forgetting
   * it. One that is forgotten for lack of room gives its client a full one: memory is bounded, at
   * the price that more clients than RATE_LIMIT_CLIENTS at once are limited less.
   */
  private static Cache<String, Bucket> clients(RateLimitSettings settings) {
    return Caffeine.newBuilder()
        .maximumSize(settings.clients())
        .expireAfterAccess(Duration.ofSeconds(settings.windowSeconds()))
        .executor(Runnable::run) // its upkeep is short; it needs no thread of its own
        .build();
  }

  private Bucket bucket(int requests) {
    return Bucket.builder()
        .addLimit(
            limit ->
                limit
                    .capacity(requests)
                    .refillGreedy(requests, Duration.ofSeconds(settings.windowSeconds())))
        .withCustomTimePrecision(clock)
        .build();
  }

  /**
   * Counts a request.
   *
   * @return header fields for the answer
   * @throws ProblemException 429 where a bucket is empty
   */
  Map<String, String> take(ClientAddress client) {
    Bucket own =
        clients == null
            ? null
            : clients.get(client.key(settings.trustedProxies()), _ -> bucket(settings.perClient()));
    ConsumptionProbe ofOwn = take(own);
    if (ofOwn != null && !ofOwn.isConsumed()) {
      refusedToClient.increment();
      throw refusal(CLIENT, ofOwn, "this client may send", settings.perClient());
    }
    ConsumptionProbe ofAll = take(all);
    if (ofAll != null && !ofAll.isConsumed()) {
      if (own != null) {
        own.addTokens(1);
      }
      refusedToAll.increment();
      throw refusal(ALL, ofAll, "all clients together may send", settings.inAll());
    }
    return fields(ofOwn, ofAll);
  }

  private static ConsumptionProbe take(Bucket bucket) {
    return bucket == null ? null : bucket.tryConsumeAndReturnRemaining(1);
  }

  private Map<String, String> fields(ConsumptionProbe ofOwn, ConsumptionProbe ofAll) {
    List<String> limits = new ArrayList<>(2);
    if (ofOwn != null) {
      limits.add("\"" + CLIENT + "\";r=" + ofOwn.getRemainingTokens());
    }
    if (ofAll != null) {
      limits.add("\"" + ALL + "\";r=" + ofAll.getRemainingTokens());
    }
    return Map.of("RateLimit-Policy", policies, "RateLimit", String.join(", ", limits));
  }

  private ProblemException refusal(
      String policy, ConsumptionProbe empty, String whoMay, int requests) {
    long nanosPerSecond = TimeUnit.SECONDS.toNanos(1);
    long seconds = Math.max(1, Math.ceilDiv(empty.getNanosToWaitForRefill(), nanosPerSecond));
    return Problems.rateLimited(
        whoMay + " " + requests + " requests in " + settings.windowSeconds() + " s",
        Map.of(
            "Retry-After",
            Long.toString(seconds),
            "RateLimit-Policy",
            policies,
            "RateLimit",
            "\"" + policy + "\";r=0;t=" + seconds));
  }

  private static String policies(RateLimitSettings settings) {
    List<String> policies = new ArrayList<>(2);
    if (settings.perClient() > 0) {
      policies.add(policy(CLIENT, settings.perClient(), settings));
    }
    if (settings.inAll() > 0) {
      policies.add(policy(ALL, settings.inAll(), settings));
    }
    return String.join(", ", policies);
  }

  private static String policy(String name, int requests, RateLimitSettings settings) {
    return "\"" + name + "\";q=" + requests + ";w=" + settings.windowSeconds();
  }
}
