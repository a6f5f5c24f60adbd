package dev.handlermodels.blocking;

import dev.handlermodels.api.Aggregate;
import dev.handlermodels.api.FanOut;
import dev.handlermodels.api.admission.Cancellation;
import dev.handlermodels.api.launch.Service;
import dev.handlermodels.api.upstream.UpstreamAnswer;
import dev.handlermodels.api.work.Gathered;
import dev.handlermodels.api.work.Tally;
import dev.handlermodels.upstream.UpstreamCalls;
import java.io.IOException;

/**
 * Where the code waits in the fixed pool: on the pool thread that runs the request, or on a worker
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

  /** The pool thread waits. When all of them wait, all other requests queue. */
  UpstreamAnswer call(int waitMs, Cancellation cancellation) {
    return calls.blocking(waitMs, cancellation);
  }

  /** Does the same: on a pool thread the blocking call is the right way. */
  UpstreamAnswer callBlocking(int waitMs, Cancellation cancellation) {
    return calls.blocking(waitMs, cancellation);
  }

  /** The same with native code beneath the call, which makes no difference to a pool thread. */
  UpstreamAnswer callPinned(int waitMs, Cancellation cancellation) {
    return calls.pinned(waitMs, cancellation);
  }

  /** A worker waits, and the pool thread waits for the worker: one call blocks two threads. */
  UpstreamAnswer callOffloaded(int waitMs, Cancellation cancellation) {
    return calls.offloadedAndAwaited(waitMs, cancellation);
  }

  /** The calls wait on workers, at most one on each, and the pool thread waits for all of them. */
  Tally fanOut(FanOut asked, Cancellation cancellation) {
    return calls.fanOutOnWorkers(asked, cancellation);
  }

  /** Does the same for three services, any of which may be late or broken. */
  Gathered aggregate(Aggregate asked, Cancellation cancellation) {
    return calls.aggregateOnWorkers(asked, cancellation);
  }

  @Override
  public void close() {
    calls.close();
  }
}
