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

/**
 * The entry for every request: it counts, checks and admits the request, finds its handler, runs it
 * on the pool, and answers with a problem document when anything fails.
 */
public final class Dispatcher {
  private final Service service;
  private final Map<Endpoint, Handler> handlers = new EnumMap<>(Endpoint.class);
  private final BodyReader bodies;
  private final HandlerPool pool;

  /** Answers one endpoint: on a thread of the pool, or health on the I/O thread. */
  @FunctionalInterface
  public interface Handler {
    void handle(Exchange exchange) throws Exception;
  }

  public Dispatcher(Service service, ThreadPoolExecutor pool) {
    this.service = service;
    this.bodies = new BodyReader(this, service.settings().requestTimeoutMs());
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
    for (Endpoint endpoint : Endpoint.values()) {
      if (endpoint.method().equals(method) && endpoint.path().equals(path)) {
        handlers.put(endpoint, handler);
        return this;
      }
    }
    throw new IllegalArgumentException("no endpoint " + method + " " + path);
  }

  /**
   * Takes a request from Undertow, on an I/O thread. The path and the method choose the endpoint in
   * {@link Traffic.Request#admit}, so Undertow's own router is not needed.
   */
  public void begin(HttpServerExchange undertow) {
    Traffic.Request request =
        service
            .traffic()
            .begin(
                undertow.getRequestMethod().toString(),
                undertow.getRequestURI(),
                undertow.getRequestHeaders()::get);
    Exchange exchange = new Exchange(service, undertow, request);
    exchange.begin();
    try {
      invalid(exchange);
      Endpoint endpoint = request.admit(exchange.path(), exchange.isHttp2(), exchange::client);
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
    } catch (Exception e) {
      fail(exchange, e);
    }
  }

  /** Answers with the problem document for whatever a handler threw. */
  void fail(Exchange exchange, Throwable thrown) {
    if (thrown instanceof ClientGoneException) {
      exchange.abandon();
      return;
    }
    ProblemException problem =
        thrown instanceof RequestTooBigException
            ? Problems.bodyTooLarge()
            : Failures.of(thrown, exchange.span());
    service.limits().refused(problem);
    exchange.problem(problem);
  }

  /**
   * Refuses a request that is too long or that could be read in two ways. Undertow would end the
   * connection without an answer in the first case and read the request in the second.
   *
   * @throws ProblemException 400, 413, 414 or 431
   */
  void invalid(Exchange exchange) {
    RequestHeads.checkSizes(exchange.undertow());
    if (exchange.isHttp2()) {
      RequestHeads.checkHttp2(exchange);
    } else {
      RequestHeads.checkHttp1(exchange);
    }
    RequestHeads.checkBodyLength(exchange.undertow());
  }
}
