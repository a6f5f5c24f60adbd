package dev.handlermodels.loadtests.load;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * A collector that takes spans over OTLP and forgets them: it reads each request and accepts it.
 * Below {@value #SLOW} it takes {@value #SLOW_MS} ms for that, like a collector that is overloaded
 * or far away.
 */
public final class SpanSink implements AutoCloseable {
  public static final String SLOW = "/slow";
  public static final int SLOW_MS = 100;
  private static final int THREADS = 4;
  private static final int BACKLOG = 64;

  private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);
  private final HttpServer server;

  private SpanSink(HttpServer server) {
    this.server = server;
  }

  /** {@code PORT} */
  public static void main(String[] args) throws IOException {
    start(Integer.parseInt(args[0]));
  }

  /**
   * @param port 0 for any free one
   * @throws IOException where the port is in use
   */
  public static SpanSink start(int port) throws IOException {
    // The JDK's server reads it once; without it an answer may wait for an acknowledgement.
    System.setProperty("sun.net.httpserver.nodelay", "true");
    SpanSink sink =
        new SpanSink(
            HttpServer.create(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port), BACKLOG));
    sink.server.setExecutor(sink.threads);
    sink.server.createContext("/", exchange -> swallow(exchange, 0));
    sink.server.createContext(SLOW, exchange -> swallow(exchange, SLOW_MS));
    sink.server.start();
    return sink;
  }

  public int port() {
    return server.getAddress().getPort();
  }

  private static void swallow(HttpExchange exchange, int ms) throws IOException {
    try (exchange;
        InputStream spans = exchange.getRequestBody()) {
      spans.transferTo(OutputStream.nullOutputStream());
      TimeUnit.MILLISECONDS.sleep(ms);
      exchange.sendResponseHeaders(200, -1);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
