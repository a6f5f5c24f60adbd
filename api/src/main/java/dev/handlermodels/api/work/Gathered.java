package dev.handlermodels.api.work;

import dev.handlermodels.api.Aggregate;
import dev.handlermodels.api.Results;
import dev.handlermodels.api.upstream.UpstreamException;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** What the services behind a gateway have answered. Safe for all threads. */
public final class Gathered {
  private static final double NANOS_PER_MS = 1e6;

  private final long startNanos = System.nanoTime();
  private final Map<Aggregate.Backend, Results.Part> parts = new EnumMap<>(Aggregate.Backend.class);

  public synchronized void ok(Aggregate.Backend backend, Results.ServiceAnswer answer) {
    parts.put(backend, new Results.Part("ok", tookMs(), null, answer.content()));
  }

  /**
   * @param failure an {@link UpstreamException} of the kind TIMEOUT makes the service late, any
   *     other failure broken
   * @return the failure, for where it is that of the whole: it names the service
   */
  public synchronized RuntimeException failed(Aggregate.Backend backend, RuntimeException failure) {
    boolean late =
        failure instanceof UpstreamException e && e.kind() == UpstreamException.Kind.TIMEOUT;
    parts.put(
        backend, new Results.Part(late ? "late" : "broken", tookMs(), failure.getMessage(), null));
    return failure instanceof UpstreamException e ? e.of(backend) : failure;
  }

  synchronized boolean isComplete() {
    return parts.values().stream().allMatch(part -> part.detail() == null);
  }

  /** By name, in the order of the services. */
  synchronized Map<String, Results.Part> parts() {
    Map<String, Results.Part> named = new LinkedHashMap<>();
    parts.forEach((backend, part) -> named.put(backend.label(), part));
    return named;
  }

  /**
   * @throws UpstreamException where there is nothing but failures, which makes a 502
   */
  synchronized void throwIfAllFailed() {
    if (parts.values().stream().allMatch(part -> part.detail() != null)) {
      throw new UpstreamException(
          UpstreamException.Kind.BAD_ANSWER,
          Arrays.stream(Aggregate.Backend.values())
              .map(backend -> backend.label() + ": " + parts.get(backend).detail())
              .collect(Collectors.joining(", ", "none of the services has answered (", ")")));
    }
  }

  private double tookMs() {
    return (System.nanoTime() - startNanos) / NANOS_PER_MS;
  }
}
