package dev.handlermodels.api;

/**
 * What a client asks of {@code /fanout}: so many equal calls, so many of them at once.
 *
 * @param calls from 1 to {@link Limits#MAX_CALLS}
 * @param waitMs of each call
 * @param requested at once, from 1 to {@link Limits#MAX_CONCURRENCY}
 * @param concurrency the same, or as many as a request may make at once
 */
public record FanOut(int calls, int waitMs, int requested, int concurrency) {

  /** The same calls, but no more than that at once. */
  public FanOut atMost(int most) {
    return new FanOut(calls, waitMs, requested, Math.min(concurrency, most));
  }

  /**
   * How many calls can be at the upstream at once: no more than asked for, and no more than this
   * server has connections or threads for. So no call of a request is refused because of the others
   * of the same request.
   *
   * @param available connections, or threads that make the calls
   */
  public int effective(int available) {
    return Math.min(Math.min(calls, concurrency), available);
  }
}
