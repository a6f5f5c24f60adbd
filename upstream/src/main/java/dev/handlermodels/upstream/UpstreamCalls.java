package dev.handlermodels.upstream;

import dev.handlermodels.api.Aggregate;
import dev.handlermodels.api.FanOut;
import dev.handlermodels.api.admission.Cancellation;
import dev.handlermodels.api.admission.CarrierPace;
import dev.handlermodels.api.launch.Service;
import dev.handlermodels.api.settings.Settings;
import dev.handlermodels.api.telemetry.ServerSpan;
import dev.handlermodels.api.telemetry.ThreadCensus;
import dev.handlermodels.api.upstream.UpstreamAnswer;
import dev.handlermodels.api.upstream.UpstreamException;
import dev.handlermodels.api.work.Gathered;
import dev.handlermodels.api.work.Tally;
import dev.handlermodels.api.work.WorkerPool;
import java.io.IOException;
import java.net.URI;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;

/**
 * The blocking call, on the caller's thread or on a worker: the same in all three servers, which
 * differ in who the caller is.
 */
public final class UpstreamCalls implements AutoCloseable {
  private final Upstream upstream;
  private final BlockingClient client;
  private final WorkerPool workers;
  private final Settings settings;
  private final ThreadCensus census;

  private UpstreamCalls(Upstream upstream, Service service) {
    this.upstream = upstream;
    this.client = new BlockingClient(upstream.url(), service.settings(), service.upstreamGuards());
    this.settings = service.settings();
    this.workers = service.workers();
    this.census = service.census();
  }

  /**
   * @throws IOException where UPSTREAM_URL is unset and no port is left for the simulator
   */
  public static UpstreamCalls open(Service service) throws IOException {
    UpstreamCalls calls = new UpstreamCalls(Upstream.open(service.settings()), service);
    // A task outlives its request, so nothing cancels its call.
    service.tasksCallBy(waitMs -> calls.blocking(waitMs, new Cancellation(ServerSpan.NONE)));
    return calls;
  }

  public URI url() {
    return upstream.url();
  }

  /** Waits on the calling thread, whatever kind of thread that is. */
  public UpstreamAnswer blocking(int waitMs, Cancellation cancellation) {
    return client.call(waitMs, cancellation);
  }

  /**
   * Waits on the calling thread with native code beneath the call, which pins a virtual thread to
   * its carrier until the upstream has answered or UPSTREAM_TIMEOUT_MS is over.
   */
  public UpstreamAnswer pinned(int waitMs, Cancellation cancellation) {
    return NativeFrame.beneath(() -> client.call(waitMs, cancellation));
  }

  /**
   * Waits on a thread of the worker pool.
   *
   * @throws java.util.concurrent.RejectedExecutionException where all workers are busy and
   *     QUEUE_SIZE calls wait already
   */
  public CompletableFuture<UpstreamAnswer> offloaded(int waitMs, Cancellation cancellation) {
    return workers.submit(cancellation, () -> client.call(waitMs, cancellation));
  }

  /** The same for a caller that may wait: two threads stand still for one call. */
  public UpstreamAnswer offloadedAndAwaited(int waitMs, Cancellation cancellation) {
    return workers.await(cancellation, () -> client.call(waitMs, cancellation));
  }

  /** Many calls, a virtual thread for each; the calling thread waits for them. */
  public Tally fanOutOnVirtualThreads(FanOut asked, Cancellation cancellation) {
    Scope scope = Scope.ofVirtualThreads(cancellation);
    CarrierPace pace = new CarrierPace();
    int concurrency = asked.effective(settings.upstreamMaxConnections());
    return fanOut(asked, concurrency, scope, pace::started);
  }

  /**
   * Many calls on the worker pool; the calling thread waits for them. No more of them at once than
   * there are workers, so that one request cannot fill their queue.
   */
  public Tally fanOutOnWorkers(FanOut asked, Cancellation cancellation) {
    int available = Math.min(settings.workers(), settings.upstreamMaxConnections());
    Scope scope = Scope.ofWorkers(cancellation, workers.threads());
    return fanOut(asked, asked.effective(available), scope, () -> {});
  }

  private Tally fanOut(FanOut asked, int concurrency, Scope scope, Runnable started) {
    Tally tally = new Tally(concurrency);
    Semaphore permits = new Semaphore(concurrency);
    int timeoutMs = settings.upstreamTimeoutMs();
    Future<?> deadline =
        client.cancelAfter(
            timeoutMs, scope.cancellation(), UpstreamException.timeoutOfAll(timeoutMs));
    try (scope) {
      for (int i = 0; i < asked.calls() && !scope.cancellation().isCancelled(); i++) {
        permits.acquireUninterruptibly(); // on cancelling, those that run end and give theirs back
        scope.fork(() -> count(asked.waitMs(), scope.cancellation(), tally, permits));
        started.run();
      }
      scope.join();
      return tally;
    } finally {
      deadline.cancel(false);
    }
  }

  private void count(int waitMs, Cancellation cancellation, Tally tally, Semaphore permits) {
    try (var _ = census.enter()) {
      client.call(waitMs, cancellation);
      tally.succeeded();
    } catch (RuntimeException e) {
      tally.failed(e);
    } finally {
      permits.release();
    }
  }

  /** Asks the services behind a gateway at once, each on a virtual thread of its own. */
  public Gathered aggregateOnVirtualThreads(Aggregate asked, Cancellation cancellation) {
    return aggregate(asked, cancellation, Scope.ofVirtualThreads(cancellation));
  }

  /** The same on the worker pool. */
  public Gathered aggregateOnWorkers(Aggregate asked, Cancellation cancellation) {
    return aggregate(asked, cancellation, Scope.ofWorkers(cancellation, workers.threads()));
  }

  private Gathered aggregate(Aggregate asked, Cancellation request, Scope scope) {
    Gathered gathered = new Gathered();
    int timeoutMs = settings.aggregateTimeoutMs();
    Future<?> deadline =
        client.cancelAfter(
            timeoutMs, scope.cancellation(), UpstreamException.timeoutOfAll(timeoutMs));
    try (scope) {
      asked.parts().forEach(part -> scope.fork(() -> ask(part, asked.strict(), scope, gathered)));
      scope.awaitAll();
      request.throwIfCancelled();
      if (asked.strict()) {
        scope.cancellation().throwIfCancelled();
      }
      return gathered;
    } finally {
      deadline.cancel(false);
    }
  }

  private void ask(Aggregate.Part part, boolean strict, Scope scope, Gathered gathered) {
    try (var _ = census.enter()) {
      Cancellation cancellation = scope.cancellation();
      gathered.ok(part.backend(), client.ask(part, settings.serviceTimeoutMs(), cancellation));
    } catch (RuntimeException e) {
      RuntimeException failure = gathered.failed(part.backend(), e);
      if (strict) {
        scope.cancellation().cancel(failure);
      }
    }
  }

  @Override
  public void close() {
    client.close();
    upstream.close();
  }
}
