package dev.handlermodels.blocking.http;

import dev.handlermodels.api.Endpoint;
import dev.handlermodels.api.ProblemException;
import dev.handlermodels.api.Problems;
import dev.handlermodels.api.admission.ClientGoneException;
import dev.handlermodels.api.admission.Failures;
import dev.handlermodels.api.admission.Traffic;
import dev.handlermodels.api.launch.Service;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.RequestTooBigException;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ThreadPoolExecutor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes each request from Undertow, on an I/O thread. Counts it, checks it, admits it, runs its
 * handler on the pool and answers failures. {@link Endpoint} alone matches the path, so that the
 * three servers agree on 404 and 405; a router would match it a second time.
 */
public final class Dispatcher {
  private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);

  private final Service service;
  private final Map<Endpoint, Handler> handlers = new EnumMap<>(Endpoint.class);
  private final BodyReader bodies;
  private final HandlerPool pool;
  private final ThreadPoolExecutor threads;
  private final int mostInFlight;

  /**
   * Requests in flight beyond MAX_IN_FLIGHT. They are refusals that their clients do not read, each
   * of which holds a buffer; to more of them nothing is answered.
   */
  private static final int MAX_REFUSALS_IN_FLIGHT = 1000;

  /** Answers one endpoint: on a thread of the pool, or health on the I/O thread. */
  @FunctionalInterface
  public interface Handler {
    void handle(Exchange exchange) throws Exception;
  }

  public Dispatcher(Service service, ThreadPoolExecutor pool) {
    this.service = service;
    this.bodies = new BodyReader(this, service.settings().requestTimeoutMs());
    this.mostInFlight = service.settings().maxInFlight() + MAX_REFUSALS_IN_FLIGHT;
    this.threads = pool;
    this.pool = new HandlerPool(this, pool, service.census());
  }

  /** Sets the handler of an endpoint; to be called before the server listens. */
  public Dispatcher get(String path, Handler handler) {
    return route("GET", path, handler);
  }

  /** Sets the handler of an endpoint that takes a body. */
  public Dispatcher post(String path, Handler handler) {
    return route("POST", path, handler);
  }

  private Dispatcher route(String method, String path, Handler handler) {
    handlers.put(Endpoint.named(method, path), handler);
    return this;
  }

  /** Takes a request from Undertow. */
  public void begin(HttpServerExchange undertow) {
    Traffic.Request request =
        service
            .traffic()
            .begin(
                RequestHeads.method(undertow),
                undertow.getRequestURI(),
                undertow.getRequestHeaders()::get);
    Exchange exchange = new Exchange(service, undertow, request, threads);
    exchange.begin();
    if (service.traffic().inFlight() > mostInFlight) {
      exchange.abandon();
      return;
    }
    try {
      RequestHeads.check(exchange);
      Endpoint endpoint = request.admit(exchange.path(), exchange::client);
      exchange.headers(request.headers());
      if (endpoint == null) {
        exchange.noContent(); // OPTIONS
        return;
      }
      Handler handler = handlers.get(endpoint);
      if (endpoint.isHealth()) {
        handler.handle(exchange); // on the I/O thread: an exhausted pool is not a dead process
      } else {
        exchange.watchDisconnect();
        if (endpoint.takesBody()) {
          bodies.read(exchange, () -> pool.run(handler, exchange));
        } else {
          pool.run(handler, exchange);
        }
      }
    } catch (Throwable e) { // also an Error: its client must not wait in vain
      fail(exchange, e);
    }
  }

  /** Answers with the problem document for whatever a handler threw. */
  void fail(Exchange exchange, Throwable thrown) {
    if (thrown instanceof ClientGoneException) {
      exchange.abandon();
      return;
    }
    if (exchange.hasBegun()) {
      LOG.warn("an answer broke off", thrown);
      exchange.breakOff();
      return;
    }
    ProblemException problem =
        thrown instanceof RequestTooBigException
            ? Problems.bodyTooLarge()
            : Failures.of(thrown, exchange.span());
    service.limits().refused(problem);
    exchange.problem(problem);
  }
}
