package dev.handlermodels.nima.http;

import dev.handlermodels.api.Endpoint;
import dev.handlermodels.api.ProblemException;
import dev.handlermodels.api.Problems;
import dev.handlermodels.api.admission.Failures;
import dev.handlermodels.api.admission.Traffic;
import dev.handlermodels.api.launch.Service;
import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Headers;
import io.helidon.http.RequestException;
import io.helidon.http.ServerRequestHeaders;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Takes each request from Helidon, admits and counts it, runs its handler, and answers failures.
 * Endpoints are matched by {@link Endpoint} alone, so that the three servers agree on 404 and 405;
 * Helidon's router would have nothing to add and is not used.
 */
public final class Dispatcher {
  private static final Logger LOG = Logger.getLogger(Dispatcher.class.getName());

  private final Service service;
  private final Map<Endpoint, Handler> handlers = new EnumMap<>(Endpoint.class);

  /** Answers one endpoint, on the virtual thread of the request. */
  @FunctionalInterface
  public interface Handler {
    void handle(Exchange exchange) throws Exception;
  }

  public Dispatcher(Service service) {
    this.service = service;
  }

  public Dispatcher get(String path, Handler handler) {
    return route("GET", path, handler);
  }

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
    throw new IllegalArgumentException("there is no endpoint " + method + " " + path);
  }

  /** A filter of Helidon that answers every request itself and never proceeds to the router. */
  public void begin(FilterChain router, RoutingRequest request, RoutingResponse response) {
    ServerRequestHeaders headers = request.headers();
    Traffic.Request counted =
        service
            .traffic()
            .begin(
                request.prologue().method().text(),
                request.prologue().uriPath().rawPath(),
                name -> headers.all(HeaderNames.create(name), List::of));
    Exchange exchange = new Exchange(service, counted, request, response);
    try {
      answer(exchange, counted, headers);
    } catch (CloseConnectionException e) {
      throw e; // the client has gone
    } catch (Throwable e) {
      fail(exchange, e);
    } finally {
      if (!response.isSent()) {
        counted.clientGone(); // mostly in the middle of its body
      }
      counted.end(response.status().code());
    }
    if (response.headers().contains(HeaderValues.CONNECTION_CLOSE)) {
      // Helidon would go on and read the rest of a refused request as the next one.
      throw new CloseConnectionException("the answer said so");
    }
  }

  private void answer(Exchange exchange, Traffic.Request counted, ServerRequestHeaders headers)
      throws Exception {
    RequestHeads.check(exchange.request(), exchange.isHttp2());
    if (!exchange.isHttp2() && RequestHeads.isBodyHeldBack(headers)) {
      // If no handler reads this body, Helidon does not skip it but takes it for the next request.
      exchange.closeUnlessBodyIsRead();
    }
    Endpoint endpoint = counted.admit(exchange.path(), exchange.isHttp2(), exchange::client);
    exchange.headers(counted.headers());
    if (endpoint == null) {
      exchange.noContent(); // OPTIONS
      return;
    }
    try (var _ = endpoint.isHealth() ? null : service.census().enter()) {
      handlers.get(endpoint).handle(exchange);
    }
  }

  /** Answers with a problem document, whatever was thrown. */
  void fail(Exchange exchange, Throwable thrown) {
    if (!exchange.takeBackAnswer()) {
      LOG.log(Level.WARNING, "an answer broke off", thrown);
      throw new CloseConnectionException("an answer broke off", thrown);
    }
    ProblemException e =
        switch (thrown) {
          case NumberFormatException _ -> Problems.notHttp(); // from the size of a chunk
          case RequestException parser ->
              refusal(parser.status().code(), exchange.request().headers());
          default -> Failures.of(thrown, exchange.span());
        };
    service.limits().refused(e);
    exchange.problem(e);
  }

  /** Answers bytes that never became a request: too long, or not HTTP. */
  public DirectHandler.TransportResponse invalid(
      DirectHandler.TransportRequest request,
      DirectHandler.EventType type,
      Status status,
      ServerResponseHeaders headers,
      String message) {
    ProblemException e = refusal(status.code(), request.headers());
    service.limits().refused(e);
    AnswerHeaders.secure(headers);
    AnswerHeaders.set(headers, e.headers());
    return DirectHandler.TransportResponse.builder()
        .status(Exchange.status(e.problem().status()))
        .headers(headers.set(AnswerHeaders.NO_STORE).set(AnswerHeaders.PROBLEM))
        .keepAlive(false)
        .entity(e.document())
        .build();
  }

  /** What Helidon's parser means by a status. */
  private static ProblemException refusal(int status, Headers headers) {
    return switch (status) {
      case 413 -> Problems.bodyTooLarge();
      case 414 -> Problems.requestLineTooLong();
      case 431 -> Problems.headersTooLarge();
      case 505 -> Problems.versionNotSupported();
      default -> // 500 as well: outside of handlers only the parser fails
          headers.contains(HeaderNames.CONTENT_ENCODING)
              ? Problems.encodedBody()
              : Problems.notHttp();
    };
  }
}
