package dev.handlermodels.api;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.HashMap;
import java.util.Map;

/** A guard for each thing that the upstream does: one that fails is not held against the others. */
public final class UpstreamGuards {
  /** The call behind {@code /io}, {@code /mixed}, {@code /fanout} and tasks. */
  public static final String WAIT = "wait";

  private final Map<String, UpstreamGuard> guards = new HashMap<>();

  public UpstreamGuards(GuardSettings settings, MeterRegistry registry) {
    guards.put(WAIT, new UpstreamGuard(WAIT, settings, registry));
    for (Aggregate.Backend backend : Aggregate.Backend.values()) {
      String name = backend.label();
      guards.put(name, new UpstreamGuard(name, settings, registry));
    }
  }

  /**
   * @param name {@link #WAIT} or the label of a service behind the gateway
   */
  public UpstreamGuard of(String name) {
    return guards.get(name);
  }
}
