package dev.handlermodels.blocking;

import dev.handlermodels.api.ServerSpan;
import dev.handlermodels.api.Service;
import dev.handlermodels.api.UpstreamAnswer;
import dev.handlermodels.upstream.UpstreamCalls;
import java.io.IOException;

/**
 * Where the code waits, in the fixed pool: on the pool thread that runs the request, or on a worker
 * as well.
 */
final class UpstreamClient implements AutoCloseable {
  private final UpstreamCalls calls;

  private UpstreamClient(UpstreamCalls calls) {
    this.calls = calls;
  }

  static UpstreamClient open(Service service) throws IOException {
    return new UpstreamClient(UpstreamCalls.open(service));
  }

  /** The pool thread waits; with all of them waiting, everybody else queues. */
  UpstreamAnswer call(int waitMs, ServerSpan span) {
    return calls.blocking(waitMs, span);
  }

  /** The same: on a pool thread the blocking call is the right way. */
  UpstreamAnswer callBlocking(int waitMs, ServerSpan span) {
    return calls.blocking(waitMs, span);
  }

  /**
   * A worker waits and the pool thread waits for the worker: two threads stand still for one call.
   */
  UpstreamAnswer callOffloaded(int waitMs, ServerSpan span) {
    return calls.offloaded(waitMs, span).join();
  }

  @Override
  public void close() {
    calls.close();
  }
}
