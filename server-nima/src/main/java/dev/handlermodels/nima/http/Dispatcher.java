package dev.handlermodels.nima.http;

import dev.handlermodels.api.Endpoint;
import dev.handlermodels.api.ProblemException;
import dev.handlermodels.api.Problems;
import dev.handlermodels.api.admission.Failures;
import dev.handlermodels.api.admission.Traffic;
import dev.handlermodels.api.launch.Service;
import dev.handlermodels.nima.wire.Http2Streams;
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
 * Takes each request from Helidon, on its virtual thread. Counts it, checks it, admits it, runs its
 * handler and answers failures. {@link Endpoint} alone matches the path, so that the three servers
 * agree on 404 and 405; a router would match it a second time.
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

  /** Takes a request from Helidon, as a filter that never calls the router. */
  public void begin(FilterChain chain, RoutingRequest request, RoutingResponse response) {
    ServerRequestHeaders headers = request.headers();
    Traffic.Request counted =
        service
            .traffic()
            .begin(
                RequestHeads.method(request, Http2Streams.current() != null),
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
      if (!response.isSent() && !exchange.isUpgraded()) {
        counted.clientGone(); // mostly in the middle of its body
      }
      counted.end(
          exchange.isUpgraded() ? Status.SWITCHING_PROTOCOLS_101.code() : response.status().code());
    }
    if (exchange.isUpgraded()) {
      throw new CloseConnectionException("HTTP ends here, and Connections goes on");
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
    Endpoint endpoint = counted.admit(exchange.path(), exchange::client);
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
          case NumberFormatException _ -> Problems.notHttp(); // the size of a chunk is no number
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
      default -> // also 500, which Helidon says when its parser throws
          headers.contains(HeaderNames.CONTENT_ENCODING)
              ? Problems.encodedBody()
              : Problems.notHttp();
    };
  }
}
