package dev.handlermodels.blocking;

import io.undertow.Undertow;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Undertow and nothing else: what {@code ./bench throughput} holds {@code GET /} of this server
 * against. One I/O thread and a pool of 40, Undertow's own, otherwise its defaults, and the very
 * bytes that {@code /} answered with.
 */
public final class Bare {
  private static final HttpString NOSNIFF = new HttpString("X-Content-Type-Options");
  private static final HttpString RESOURCES = new HttpString("Cross-Origin-Resource-Policy");
  private static final HttpString POLICY = new HttpString("Content-Security-Policy");

  private Bare() {}

  /** Listens on PORT and answers everything with the bytes of BODY_FILE. */
  public static void main(String[] args) throws IOException {
    int port = Integer.parseInt(System.getenv("PORT"));
    byte[] body = Files.readAllBytes(Path.of(System.getenv("BODY_FILE")));
    Undertow.builder()
        .addHttpListener(port, "127.0.0.1")
        .setIoThreads(1)
        .setWorkerThreads(40)
        .setHandler(
            exchange ->
                exchange.dispatch(
                    onPool -> {
                      onPool.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/json");
                      onPool.getResponseHeaders().put(NOSNIFF, "nosniff");
                      onPool.getResponseHeaders().put(RESOURCES, "same-origin");
                      onPool
                          .getResponseHeaders()
                          .put(POLICY, "default-src 'none'; frame-ancestors 'none'");
                      onPool.getResponseHeaders().put(Headers.CACHE_CONTROL, "no-store");
                      onPool.getResponseSender().send(ByteBuffer.wrap(body));
                    }))
        .build()
        .start();
  }
}
