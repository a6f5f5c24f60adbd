package dev.handlermodels.nima;

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
 * Where the code waits, on virtual threads: on the request's own one, or needlessly on a worker as
 * well.
 */
final class UpstreamClient implements AutoCloseable {
  private final UpstreamCalls calls;

  private UpstreamClient(UpstreamCalls calls) {
    this.calls = calls;
  }

  static UpstreamClient open(Service service) throws IOException {
    return new UpstreamClient(UpstreamCalls.open(service));
  }

  /** The request's virtual thread waits and gives its carrier to others meanwhile. */
  UpstreamAnswer call(int waitMs, Cancellation cancellation) {
    return calls.blocking(waitMs, cancellation);
  }

  /** The same: on a virtual thread the blocking call is the right way. */
  UpstreamAnswer callBlocking(int waitMs, Cancellation cancellation) {
    return calls.blocking(waitMs, cancellation);
  }

  /**
   * The same with native code beneath the call: the virtual thread is pinned, and its carrier waits
   * with it and serves nobody else.
   */
  UpstreamAnswer callPinned(int waitMs, Cancellation cancellation) {
    return calls.pinned(waitMs, cancellation);
  }

  /**
   * A worker waits and the virtual thread waits for the worker: the pool's ceiling, for nothing.
   */
  UpstreamAnswer callOffloaded(int waitMs, Cancellation cancellation) {
    return calls.offloadedAndAwaited(waitMs, cancellation);
  }

  /** Each call has a virtual thread of its own, and this one waits for all of them. */
  Tally fanOut(FanOut asked, Cancellation cancellation) {
    return calls.fanOutOnVirtualThreads(asked, cancellation);
  }

  /** The same for three services, of which any may be late or broken. */
  Gathered aggregate(Aggregate asked, Cancellation cancellation) {
    return calls.aggregateOnVirtualThreads(asked, cancellation);
  }

  @Override
  public void close() {
    calls.close();
  }
}
