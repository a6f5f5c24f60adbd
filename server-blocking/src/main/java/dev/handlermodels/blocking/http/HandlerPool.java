package dev.handlermodels.blocking.http;

import dev.handlermodels.api.telemetry.ThreadCensus;
import io.undertow.server.Connectors;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.SameThreadExecutor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;

/** Hands requests from the I/O threads to the pool, whose threads run the handlers. */
final class HandlerPool {
  private final Dispatcher dispatcher;
  private final ThreadPoolExecutor pool;
  private final ThreadCensus census;

  HandlerPool(Dispatcher dispatcher, ThreadPoolExecutor pool, ThreadCensus census) {
    this.dispatcher = dispatcher;
    this.pool = pool;
    this.census = census;
  }

  /** Returns at once; the pool takes the request when Undertow has left its root handler. */
  void run(Dispatcher.Handler handler, Exchange exchange) {
    Task task = new Task(handler, exchange);
    exchange.undertow().dispatch(SameThreadExecutor.INSTANCE, () -> enqueue(task));
  }

  private void enqueue(Task task) {
    try {
      pool.execute(task);
      task.exchange.cancellation().onCancel(() -> leaveQueue(task));
    } catch (RejectedExecutionException e) {
      dispatcher.fail(task.exchange, e);
    }
  }

  /** The client has disconnected. If no thread has taken the request yet, none has to. */
  private void leaveQueue(Task task) {
    if (pool.remove(task)) {
      Exchange exchange = task.exchange;
      Connectors.executeRootHandler(
          _ -> dispatcher.fail(exchange, exchange.cancellation().why()), exchange.undertow());
    }
  }

  /** One request in the queue of the pool, and then on its thread. */
  private final class Task implements Runnable, HttpHandler {
    private final Dispatcher.Handler handler;
    private final Exchange exchange;

    Task(Dispatcher.Handler handler, Exchange exchange) {
      this.handler = handler;
      this.exchange = exchange;
    }

    @Override
    public void run() {
      Connectors.executeRootHandler(this, exchange.undertow());
    }

    @Override
    public void handleRequest(HttpServerExchange undertow) {
      try (var _ = census.enter()) {
        handler.handle(exchange);
      } catch (Throwable e) {
        dispatcher.fail(exchange, e);
      }
    }
  }
}
