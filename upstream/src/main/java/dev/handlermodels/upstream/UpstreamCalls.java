package dev.handlermodels.upstream;

import dev.handlermodels.api.Census;
import dev.handlermodels.api.ServerSpan;
import dev.handlermodels.api.Service;
import dev.handlermodels.api.UpstreamAnswer;
import java.io.IOException;
import java.net.URI;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadPoolExecutor;

/**
 * The blocking call, on the caller's thread or on a worker: the same in all three servers, which
 * differ in who the caller is.
 */
public final class UpstreamCalls implements AutoCloseable {
  private final Upstream upstream;
  private final BlockingClient client;
  private final ThreadPoolExecutor workers;
  private final Census census;

  private UpstreamCalls(Upstream upstream, Service service) {
    this.upstream = upstream;
    this.client = new BlockingClient(upstream.url(), service.settings());
    this.workers =
        service.pool("worker", service.settings().workers(), service.settings().queueSize());
    this.census = service.census();
  }

  /**
   * @throws IOException where UPSTREAM_URL is unset and no port is left for the simulator
   */
  public static UpstreamCalls open(Service service) throws IOException {
    return new UpstreamCalls(Upstream.open(service.settings()), service);
  }

  public URI url() {
    return upstream.url();
  }

  /** Waits on the calling thread, whatever kind of thread that is. */
  public UpstreamAnswer blocking(int waitMs, ServerSpan span) {
    return client.call(waitMs, span);
  }

  /**
   * Waits on a thread of the worker pool.
   *
   * @throws java.util.concurrent.RejectedExecutionException where all workers are busy and
   *     QUEUE_SIZE calls wait already
   */
  public CompletableFuture<UpstreamAnswer> offloaded(int waitMs, ServerSpan span) {
    return CompletableFuture.supplyAsync(() -> onWorker(waitMs, span), workers);
  }

  private UpstreamAnswer onWorker(int waitMs, ServerSpan span) {
    try (var _ = census.enter()) {
      return client.call(waitMs, span);
    }
  }

  @Override
  public void close() {
    workers.shutdownNow();
    client.close();
    upstream.close();
  }
}
