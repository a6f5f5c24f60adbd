package dev.handlermodels.api.launch;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.handlermodels.api.Json;
import dev.handlermodels.api.Limits;
import dev.handlermodels.api.Problem;
import dev.handlermodels.api.ProblemException;
import dev.handlermodels.api.Problems;
import dev.handlermodels.api.SecurityHeaders;
import dev.handlermodels.api.admission.Failures;
import dev.handlermodels.api.telemetry.ServerSpan;
import dev.handlermodels.api.wire.RequestHead;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * The second listener: health, metrics, settings and the census of threads. It is the JDK's own
 * server on threads of its own, so that it answers while the main listener's event loop is frozen
 * or its pool is used up.
 */
final class Management implements AutoCloseable {
  private static final int BACKLOG = 64;
  private static final String ALLOWED = "GET, HEAD, OPTIONS";

  static {
    // The JDK's server reads its limits once, from system properties: seconds for a request to
    // arrive and for an answer to leave
    // (else one stalled peer would hold a thread for ever), connections in all, what a head may
    // have, and no delayed acknowledgements.
    Map.of(
            "sun.net.httpserver.maxReqTime", seconds(Limits.MANAGEMENT_TIMEOUT_MS),
            "sun.net.httpserver.maxRspTime", seconds(Limits.MANAGEMENT_TIMEOUT_MS),
            "jdk.httpserver.maxConnections", Integer.toString(Limits.MANAGEMENT_CONNECTIONS),
            "sun.net.httpserver.maxReqHeaders", Integer.toString(Limits.HEADER_FIELDS),
            "sun.net.httpserver.maxReqHeaderSize", Integer.toString(Limits.HEADER_BYTES),
            "sun.net.httpserver.nodelay", "true")
        .forEach(
            (name, value) -> {
              if (System.getProperty(name) == null) {
                System.setProperty(name, value);
              }
            });
  }

  private final Service service;
  private final HttpServer server;
  private final ThreadPoolExecutor threads;

  private Management(Service service, HttpServer server) {
    this.service = service;
    this.server = server;
    this.threads =
        service.pool("management", Limits.MANAGEMENT_THREADS, Limits.MANAGEMENT_QUEUE_SIZE, 0);
  }

  private static String seconds(int ms) {
    return Long.toString(TimeUnit.MILLISECONDS.toSeconds(ms));
  }

  static Management start(Service service) throws IOException {
    HttpServer server =
        HttpServer.create(
            Launcher.address(
                service.settings().managementHost(), service.settings().managementPort()),
            BACKLOG);
    Management management = new Management(service, server);
    management.readable("/health/live", Json.CONTENT_TYPE, () -> Json.bytes(service.live()));
    management.readable("/health/ready", Json.CONTENT_TYPE, () -> Json.bytes(service.ready()));
    management.readable("/threads", Json.CONTENT_TYPE, () -> Json.bytes(ThreadReport.of(service)));
    management.route("/settings", Json.CONTENT_TYPE, () -> Json.bytes(SettingsReport.of(service)));
    management.readable(
        "/metrics",
        "text/plain; version=0.0.4; charset=utf-8",
        () -> service.registry().scrape().getBytes(StandardCharsets.UTF_8));
    server.createContext(
        "/", exchange -> handle(exchange, null, null, () -> null)); // all that is not there
    server.setExecutor(management.threads);
    server.start();
    return management;
  }

  int port() {
    return server.getAddress().getPort();
  }

  private void route(String path, String contentType, Supplier<byte[]> body) {
    server.createContext(path, exchange -> handle(exchange, path, contentType, body));
  }

  /** A route that pages of the origins of PLAY_ORIGINS may read, too. */
  private void readable(String path, String contentType, Supplier<byte[]> body) {
    server.createContext(
        path,
        exchange -> {
          nameReader(exchange);
          handle(exchange, path, contentType, body);
        });
  }

  /**
   * Names the origin whose page may read this answer, where it is one of those that are allowed:
   * never all of them, never with credentials, and no request that a browser asks leave for first
   * (OPTIONS names nobody).
   */
  private void nameReader(HttpExchange exchange) {
    Headers answer = exchange.getResponseHeaders();
    answer.set("Vary", "Origin");
    List<String> origins = exchange.getRequestHeaders().get("Origin");
    if (!exchange.getRequestMethod().equals("OPTIONS")
        && origins != null
        && origins.size() == 1
        && service.isManagementReader(origins.getFirst())) {
      answer.set("Access-Control-Allow-Origin", origins.getFirst());
    }
  }

  private static void handle(
      HttpExchange exchange, String path, String contentType, Supplier<byte[]> body)
      throws IOException {
    try {
      refuseAmbiguous(exchange);
      String method = exchange.getRequestMethod();
      String asked = exchange.getRequestURI().getRawPath(); // letter by letter, as elsewhere
      if (!asked.equals(path)) {
        throw Problems.notFound(asked);
      }
      switch (method) {
        case "GET", "HEAD" -> write(exchange, 200, contentType, body.get());
        case "OPTIONS" -> writeAllowed(exchange);
        default -> throw Problems.methodNotAllowed(method, ALLOWED);
      }
    } catch (RuntimeException e) {
      answer(exchange, Failures.of(e, ServerSpan.NONE));
    }
  }

  private static void refuseAmbiguous(HttpExchange exchange) {
    Headers fields = exchange.getRequestHeaders();
    String query = exchange.getRequestURI().getRawQuery();
    RequestHead.check(
        exchange.getRequestMethod(),
        exchange.getProtocol(),
        exchange.getRequestURI().getRawPath(),
        query == null ? "" : query,
        fields.get("Host"),
        fields.get("Content-Length"),
        fields.get("Transfer-Encoding"));
  }

  private static void answer(HttpExchange exchange, ProblemException e) throws IOException {
    e.headers().forEach((name, value) -> exchange.getResponseHeaders().set(name, value));
    write(exchange, e.problem().status(), Problem.CONTENT_TYPE, Json.bytes(e.problem()));
  }

  /**
   * One request a connection: what the JDK's parser leaves unread, or reads in another way than a
   * proxy in front, can then never become a second request.
   */
  private static void write(HttpExchange exchange, int status, String contentType, byte[] body)
      throws IOException {
    try (exchange) {
      Headers fields = head(exchange);
      fields.set("Content-Type", contentType);
      fields.set("Cache-Control", Json.CACHE_CONTROL);
      if (exchange.getRequestMethod().equals("HEAD")) {
        fields.set("Content-Length", Integer.toString(body.length));
        exchange.sendResponseHeaders(status, -1);
      } else {
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
      }
    }
  }

  /** The answer to OPTIONS. */
  private static void writeAllowed(HttpExchange exchange) throws IOException {
    try (exchange) {
      head(exchange).set("Allow", ALLOWED);
      exchange.sendResponseHeaders(204, -1);
    }
  }

  private static Headers head(HttpExchange exchange) {
    Headers fields = exchange.getResponseHeaders();
    fields.set("Connection", "close");
    fields.set(SecurityHeaders.POLICY, SecurityHeaders.NOTHING);
    SecurityHeaders.FIXED.forEach(fields::set);
    return fields;
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
