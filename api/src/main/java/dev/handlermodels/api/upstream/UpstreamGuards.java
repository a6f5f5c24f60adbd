package dev.handlermodels.api.upstream;

import dev.handlermodels.api.Aggregate;
import dev.handlermodels.api.Limit;
import dev.handlermodels.api.settings.Settings;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;

/**
 * A guard for each thing that the upstream does: one that fails is not held against the others. All
 * share the upstream's connections: UPSTREAM_MAX_CONNECTIONS calls have one, QUEUE_SIZE wait.
 */
public final class UpstreamGuards {
  /** The call behind {@code /io}, {@code /mixed}, {@code /steps}, {@code /fanout} and tasks. */
  public static final String WAIT = "wait";

  private final Map<String, UpstreamGuard> guards = new HashMap<>();

  public UpstreamGuards(Settings settings, MeterRegistry registry) {
    this(settings, new Limit.Counts(registry), registry);
  }

  public UpstreamGuards(Settings settings, Limit.Counts limits, MeterRegistry registry) {
    Semaphore places = new Semaphore(settings.upstreamMaxConnections() + settings.queueSize());
    guards.put(WAIT, new UpstreamGuard(WAIT, settings.guard(), places, limits, registry));
    for (Aggregate.Backend backend : Aggregate.Backend.values()) {
      String name = backend.label();
      guards.put(name, new UpstreamGuard(name, settings.guard(), places, limits, registry));
    }
  }

  /**
   * @param name {@link #WAIT} or the label of a service behind the gateway
   */
  public UpstreamGuard of(String name) {
    return guards.get(name);
  }
}
