package dev.handlermodels.api;

/**
 * What a client asks of {@code /fanout}: so many equal calls, so many of them at once.
 *
 * @param calls from 1 to {@link Limits#MAX_CALLS}
 * @param waitMs of each call
 * @param concurrency from 1 to {@link Limits#MAX_CONCURRENCY}
 */
public record FanOut(int calls, int waitMs, int concurrency) {

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
