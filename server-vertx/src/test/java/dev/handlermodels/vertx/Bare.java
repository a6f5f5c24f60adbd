package dev.handlermodels.vertx;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Vert.x and nothing else: what {@code ./bench throughput} holds {@code GET /} of this server
 * against. One event loop, the framework's defaults, the very bytes that {@code /} answered with.
 */
public final class Bare {
  private Bare() {}

  /** Listens on PORT and answers everything with the bytes of BODY_FILE. */
  public static void main(String[] args) throws IOException {
    int port = Integer.parseInt(System.getenv("PORT"));
    Buffer body = Buffer.buffer(Files.readAllBytes(Path.of(System.getenv("BODY_FILE"))));
    VertxOptions options = new VertxOptions().setEventLoopPoolSize(1);
    Vertx.vertx(options.setPreferNativeTransport(true))
        .createHttpServer()
        .requestHandler(
            request ->
                request
                    .response()
                    .putHeader("Content-Type", "application/json")
                    .putHeader("X-Content-Type-Options", "nosniff")
                    .putHeader("Cross-Origin-Resource-Policy", "same-origin")
                    .putHeader(
                        "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
                    .putHeader("Cache-Control", "no-store")
                    .end(body))
        .listen(port, "127.0.0.1")
        .await();
  }
}
