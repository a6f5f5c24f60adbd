package dev.handlermodels.vertx;

import dev.handlermodels.api.wire.HttpDate;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Vert.x and nothing else: what {@code ./bench throughput} holds {@code GET /} of this server
 * against. One event loop, the framework's defaults, the very bytes that {@code /} answered with,
 * and the same header fields. Date is one of them, as it is by default in the other two frameworks.
 */
public final class Bare {
  private static CharSequence date;

  private Bare() {}

  private static void refreshDate() {
    date = HttpHeaders.createOptimized(HttpDate.now());
  }

  /** Listens on PORT and answers everything with the bytes of BODY_FILE. */
  public static void main(String[] args) throws IOException {
    int port = Integer.parseInt(System.getenv("PORT"));
    Buffer body = Buffer.buffer(Files.readAllBytes(Path.of(System.getenv("BODY_FILE"))));
    VertxOptions options = new VertxOptions().setEventLoopPoolSize(1);
    Vertx vertx = Vertx.vertx(options.setPreferNativeTransport(true));
    refreshDate();
    vertx.setPeriodic(1000, _ -> refreshDate());
    vertx
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
                    .putHeader(HttpHeaders.DATE, date)
                    .end(body))
        .listen(port, "127.0.0.1")
        .await();
  }
}
