package dev.handlermodels.nima;

import io.helidon.webserver.WebServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Helidon's WebServer and nothing else: what {@code ./bench throughput} holds {@code GET /} of this
 * server against. The framework's defaults, the very bytes that {@code /} answered with.
 */
public final class Bare {
  private Bare() {}

  /** Listens on PORT and answers {@code /} with the bytes of BODY_FILE. */
  public static void main(String[] args) throws IOException {
    int port = Integer.parseInt(System.getenv("PORT"));
    byte[] body = Files.readAllBytes(Path.of(System.getenv("BODY_FILE")));
    WebServer.builder()
        .host("127.0.0.1")
        .port(port)
        .routing(
            routing ->
                routing.get(
                    "/",
                    (request, response) ->
                        response
                            .header("Content-Type", "application/json")
                            .header("X-Content-Type-Options", "nosniff")
                            .header("Cross-Origin-Resource-Policy", "same-origin")
                            .header(
                                "Content-Security-Policy",
                                "default-src 'none'; frame-ancestors 'none'")
                            .header("Cache-Control", "no-store")
                            .send(body)))
        .build()
        .start();
  }
}
