package dev.handlermodels.loadtests.bench.transfer;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Takes the runs of several injectors, each as {@code PUT /NAME} with an archive, into a folder
 * {@code DIR/NAME}. It trusts whoever can reach it as far as that folder goes: a network policy or
 * a firewall decides who that is.
 */
public final class RunReceiver implements AutoCloseable {
  private static final Pattern NAME = Pattern.compile("/([A-Za-z0-9][A-Za-z0-9-]{0,39})");
  private static final long MAX_BYTES = 1L << 30;
  private static final int THREADS = 4;
  private static final int BACKLOG = 64;
  private static final String PART = ".part-";

  private final Path dir;
  private final long maxBytes;
  private final int expected;
  private final HttpServer server;
  private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);
  private final Set<String> received = new ConcurrentSkipListSet<>();
  private final CountDownLatch all = new CountDownLatch(1);

  private RunReceiver(Path dir, long maxBytes, int expected, HttpServer server) {
    this.dir = dir;
    this.maxBytes = maxBytes;
    this.expected = expected;
    this.server = server;
  }

  /**
   * Listens on all addresses: injectors are elsewhere.
   *
   * @param dir each run becomes a folder of it
   * @param expected how many runs there are
   */
  public static RunReceiver open(Path dir, int expected, int port) throws IOException {
    return open(dir, expected, port, MAX_BYTES);
  }

  static RunReceiver open(Path dir, int expected, int port, long maxBytes) throws IOException {
    Files.createDirectories(dir);
    RunReceiver receiver =
        new RunReceiver(
            dir, maxBytes, expected, HttpServer.create(new InetSocketAddress(port), BACKLOG));
    receiver.server.createContext("/", receiver::handle);
    receiver.server.setExecutor(receiver.threads);
    receiver.server.start();
    return receiver;
  }

  int port() {
    return server.getAddress().getPort();
  }

  /**
   * Returns when all have come.
   *
   * @throws IOException with a sentence, where they have not within this time
   */
  public void await(int minutes) throws IOException, InterruptedException {
    if (!all.await(minutes, TimeUnit.MINUTES)) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s of %s injectors have sent their run within %s minutes: %s.",
              received.size(),
              expected,
              minutes,
              received));
    }
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      var name = NAME.matcher(exchange.getRequestURI().getPath());
      if (!exchange.getRequestMethod().equals("PUT") || !name.matches()) {
        answer(exchange, 404, "PUT /NAME takes the archive of a run");
        return;
      }
      take(exchange, name.group(1));
    }
  }

  private void take(HttpExchange exchange, String name) throws IOException {
    Path part = Files.createTempDirectory(dir, PART);
    try {
      RunArchive.unpack(exchange.getRequestBody(), part, maxBytes);
      keep(part, name);
    } catch (IOException e) {
      answer(exchange, 400, e.getMessage());
      return;
    } finally {
      delete(part);
    }
    answer(exchange, 201, "received");
    if (received.size() >= expected) {
      all.countDown();
    }
  }

  /** One that is sent again, because its answer was lost, is the same once more. */
  private synchronized void keep(Path part, String name) throws IOException {
    if (received.add(name)) {
      Files.move(part, dir.resolve(name));
    }
  }

  private static void delete(Path folder) throws IOException {
    if (Files.notExists(folder)) {
      return;
    }
    List<Path> inside;
    try (Stream<Path> walk = Files.walk(folder)) {
      inside = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : inside) {
      Files.delete(path);
    }
  }

  private static void answer(HttpExchange exchange, int status, String text) throws IOException {
    byte[] body = (text + "\n").getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
    exchange.getResponseHeaders().set("Connection", "close");
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
  }

  @Override
  public void close() {
    server.stop(1); // the last answer is on its way
    threads.shutdownNow();
  }
}
