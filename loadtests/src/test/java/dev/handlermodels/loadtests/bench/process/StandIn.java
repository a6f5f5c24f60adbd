package dev.handlermodels.loadtests.bench.process;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/**
 * Stands in for upstream and server in a process of its own. Answers {@code /io} after its wait,
 * and each tenth time with 503. One class file, so that it fits into a jar by itself.
 */
public final class StandIn {
  private static final AtomicLong CALLS = new AtomicLong();

  private StandIn() {}

  /** Listens on PORT and, where it is set, on MANAGEMENT_PORT. */
  public static void main(String[] args) throws IOException {
    for (String name : new String[] {"PORT", "MANAGEMENT_PORT"}) {
      String port = System.getenv(name);
      if (port != null) {
        HttpServer server =
            HttpServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(port)), 100);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", StandIn::answer);
        server.start();
      }
    }
  }

  private static void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    boolean io = path.startsWith("/io");
    if (io) {
      String query = exchange.getRequestURI().getQuery();
      int waitMs = Integer.parseInt(query.substring(query.indexOf('=') + 1));
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(waitMs));
    }
    boolean fails = io && CALLS.incrementAndGet() % 10 == 0;
    byte[] body = body(path).getBytes(java.nio.charset.StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(fails ? 503 : 200, body.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(body);
    }
  }

  private static String body(String path) {
    return switch (path) {
      case "/stats" ->
          "{\"received\":%d,\"answered\":0,\"aborted\":0,\"active\":0,\"serviceTimeMs\":null}"
              .formatted(CALLS.get());
      case "/threads" ->
          ("{\"handlers\":{\"distinct\":1,\"live\":1,\"busy\":0,\"busyPeak\":1},"
                  + "\"requests\":{\"started\":%d,\"inFlight\":0},\"new\":true}")
              .formatted(CALLS.get());
      default -> "{}";
    };
  }

  /** Makes {@code java -jar} run this class. */
  public static void writeJar(Path jar) throws IOException {
    Files.createDirectories(jar.getParent());
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, StandIn.class.getName());
    String name = StandIn.class.getName().replace('.', '/') + ".class";
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest);
        var in = StandIn.class.getResourceAsStream("/" + name)) {
      out.putNextEntry(new JarEntry(name));
      in.transferTo(out);
    }
  }
}
