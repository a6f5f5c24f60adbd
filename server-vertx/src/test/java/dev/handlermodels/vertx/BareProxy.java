package dev.handlermodels.vertx;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.PoolOptions;
import java.net.URI;

/**
 * Vert.x and nothing else, with one upstream call for each request: what the live heap for a
 * request in flight on {@code /io} is held against, see docs/design.md.
 */
public final class BareProxy {
  private static final int CONNECTIONS = 20_000;
  private static final int BACKLOG = 4096;

  private BareProxy() {}

  /** Listens on PORT and asks UPSTREAM_URL. */
  public static void main(String[] args) {
    int port = Integer.parseInt(System.getenv("PORT"));
    URI upstream = URI.create(System.getenv("UPSTREAM_URL"));
    VertxOptions options = new VertxOptions().setEventLoopPoolSize(1);
    Vertx vertx = Vertx.vertx(options.setPreferNativeTransport(true));
    HttpClient client =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setDefaultHost(upstream.getHost())
                .setDefaultPort(upstream.getPort()),
            new PoolOptions().setHttp1MaxSize(CONNECTIONS));
    vertx
        .createHttpServer(new HttpServerOptions().setAcceptBacklog(BACKLOG))
        .requestHandler(request -> pass(client, request))
        .listen(port, "127.0.0.1")
        .await();
  }

  private static void pass(HttpClient client, HttpServerRequest request) {
    client
        .request(HttpMethod.GET, "/wait?" + request.query())
        .compose(HttpClientRequest::send)
        .compose(HttpClientResponse::body)
        .onSuccess(body -> request.response().end(body))
        .onFailure(_ -> request.response().setStatusCode(502).end());
  }
}
