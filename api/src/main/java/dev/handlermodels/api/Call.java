package dev.handlermodels.api;

import java.util.Map;

/** One run of a handler: where and when it started, and the result it leads to. */
public final class Call {
  private static final double NANOS_PER_MS = 1e6;

  private final Service service;
  private final Endpoint endpoint;
  private final Thread thread = Thread.currentThread();
  private final long startNanos = System.nanoTime();

  Call(Service service, Endpoint endpoint) {
    this.service = service;
    this.endpoint = endpoint;
  }

  /**
   * The result of an upstream call.
   *
   * @param answer what the upstream said, with the thread that stood still for it
   */
  public Results.Io io(int waitMs, UpstreamAnswer answer) {
    Thread waitedIn = answer.waitedIn();
    Results.ThreadRef waited =
        waitedIn == null
            ? null
            : new Results.ThreadRef(waitedIn.getName(), service.census().kindOf(waitedIn));
    return new Results.Io(
        service.server(),
        service.model(),
        endpoint.path(),
        thread.getName(),
        service.census().kindOf(thread),
        waited,
        waitMs,
        tookMs(),
        answer.body());
  }

  /**
   * The result of many upstream calls.
   *
   * @throws RuntimeException the first failure, where no call succeeded
   */
  public Results.FanOut fanOut(FanOut asked, Tally tally) {
    tally.throwIfAllFailed();
    return new Results.FanOut(
        service.server(),
        service.model(),
        endpoint.path(),
        thread.getName(),
        service.census().kindOf(thread),
        asked.calls(),
        asked.waitMs(),
        new Results.Concurrency(asked.concurrency(), tally.concurrency()),
        tally.made(),
        tally.succeededCount(),
        tally.failedCount(),
        tookMs());
  }

  /**
   * The result of reading a file.
   *
   * @param json the file's bytes
   */
  public Results.File file(byte[] json) {
    return new Results.File(
        service.server(),
        service.model(),
        endpoint.path(),
        thread.getName(),
        service.census().kindOf(thread),
        tookMs(),
        Json.tree(json));
  }

  public Results.Root root() {
    return new Results.Root(
        service.server(),
        service.model(),
        thread.getName(),
        service.census().kindOf(thread),
        tookMs(),
        service.endpoints());
  }

  /** Who answered, as header fields: for an answer whose body is not ours. */
  public Map<String, String> headers() {
    return Map.of(
        "Handler-Server", service.server(),
        "Handler-Thread", thread.getName(),
        "Handler-Thread-Kind", service.census().kindOf(thread).label());
  }

  private double tookMs() {
    return (System.nanoTime() - startNanos) / NANOS_PER_MS;
  }
}
