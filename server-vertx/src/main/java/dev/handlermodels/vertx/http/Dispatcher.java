package dev.handlermodels.vertx.http;

import dev.handlermodels.api.Endpoint;
import dev.handlermodels.api.ProblemException;
import dev.handlermodels.api.Problems;
import dev.handlermodels.api.launch.Service;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import java.util.EnumMap;
import java.util.Map;

/**
 * Takes each request from Vert.x, on an event loop. Counts it, checks it, admits it, runs its
 * handler and answers failures. {@link Endpoint} alone matches the path, so that the three servers
 * agree on 404 and 405; a router would match it a second time.
 */
public final class Dispatcher {
  private final Service service;
  private final Vertx vertx;
  private final DateField date;
  private final Map<Endpoint, Handler> handlers = new EnumMap<>(Endpoint.class);

  /** Answers one endpoint. It runs on the event loop and has to return at once. */
  @FunctionalInterface
  public interface Handler {
    void handle(Exchange exchange) throws Exception;
  }

  /** To be called on the event loop whose requests it takes. */
  public Dispatcher(Service service, Vertx vertx) {
    this.service = service;
    this.vertx = vertx;
    this.date = new DateField(vertx);
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

  /** Answers a request that Vert.x has read the head of. */
  public void begin(HttpServerRequest request) {
    begin(new Exchange(service, vertx, date, request));
  }

  private void begin(Exchange exchange) {
    if (exchange.isBehindEnd()) {
      return;
    }
    if (exchange.mustWait()) {
      exchange.whenEarlierAnswersAreTaken(() -> begin(exchange));
      return;
    }
    try {
      Endpoint endpoint = exchange.admit();
      if (endpoint == null) {
        exchange.noContent(); // OPTIONS
        return;
      }
      Handler handler = handlers.get(endpoint);
      if (endpoint.isHealth()) {
        handler.handle(exchange);
      } else if (endpoint.takesBody()) {
        exchange.readBody(() -> run(handler, exchange));
      } else {
        run(handler, exchange);
      }
    } catch (Throwable e) { // also an Error: its client must not wait in vain
      exchange.fail(e);
    }
  }

  private void run(Handler handler, Exchange exchange) {
    try (var _ = service.census().enter()) {
      handler.handle(exchange);
    } catch (Throwable e) {
      exchange.fail(e);
    }
  }

  /** Answers bytes that never became a request: too long, or not HTTP. */
  public void invalid(HttpServerRequest request) {
    new Exchange(service, vertx, date, request).problem(refusal(request.decoderResult().cause()));
  }

  /** What Netty's parser means by a failure. */
  private static ProblemException refusal(Throwable cause) {
    return switch (cause) {
      case TooLongHttpLineException _ -> Problems.requestLineTooLong();
      case TooLongHttpHeaderException _ -> Problems.headersTooLarge();
      case ProblemException problem -> problem;
      case null, default -> Problems.notHttp();
    };
  }
}
