package dev.handlermodels.loadtests.load;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StreamLoadTest {
  private static final int EVERY_MS = 20;

  private final AtomicInteger asked = new AtomicInteger();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private HttpServer server;

  @TempDir Path dir;

  /** What one stream does, by its number. */
  private interface Script {
    void write(int stream, OutputStream out) throws IOException;
  }

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 100);
    server.setExecutor(threads);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
    threads.shutdownNow();
  }

  private void serve(Script script) {
    server.createContext("/stream", exchange -> answer(exchange, script));
  }

  private void answer(HttpExchange exchange, Script script) throws IOException {
    int stream = asked.incrementAndGet();
    exchange.sendResponseHeaders(stream == 4 ? 503 : 200, 0);
    try (exchange;
        OutputStream out = exchange.getResponseBody()) {
      script.write(stream, out);
    }
  }

  private static void item(OutputStream out, int id) throws IOException {
    out.write(("id: " + id + "\ndata: {}\n\n").getBytes(StandardCharsets.US_ASCII));
    out.flush();
  }

  private StreamLoad.Outcome run(int streams) throws IOException {
    Path outcome = dir.resolve("load.json");
    StreamLoad.Marks marks = StreamLoad.Marks.beside(outcome);
    StreamLoad.Outcome came =
        StreamLoad.run(
            new StreamLoad.Plan(
                server.getAddress().getPort(), streams, 1000, EVERY_MS, 5000, 200, 600, 1),
            marks);
    assertThat(Files.exists(marks.began())).isTrue();
    assertThat(Files.exists(marks.ended())).isTrue();
    return came;
  }

  @Test
  void everyStreamIsOpenedAndItsItemsAreCounted() throws IOException {
    serve(
        (stream, out) -> {
          for (int id = 1; ; id++) {
            item(out, id);
            LockSupport.parkNanos(EVERY_MS * 1_000_000L);
          }
        });

    StreamLoad.Outcome outcome = run(3);

    assertThat(outcome.open()).isEqualTo(3);
    assertThat(outcome.openedInMs()).isNotNull();
    assertThat(outcome.openMaxUs()).isGreaterThanOrEqualTo(outcome.openP50Us()).isPositive();
    assertThat(outcome.failures()).isZero();
    assertThat(outcome.lostItems()).isZero();
    assertThat(outcome.events()).isPositive();
    assertThat(outcome.perSecond()).isEqualTo(outcome.events() / outcome.seconds());
    assertThat(outcome.lateMaxUs()).isGreaterThanOrEqualTo(outcome.lateP50Us());
  }

  /** Each item comes 30 ms after the one before, where 20 were promised. */
  @Test
  void whatFallsBehindItsScheduleIsLateByAllThatItFellBehind() throws IOException {
    serve(
        (stream, out) -> {
          for (int id = 1; ; id++) {
            item(out, id);
            LockSupport.parkNanos((EVERY_MS + 10) * 1_000_000L);
          }
        });

    assertThat(run(1).lateMaxUs()).isGreaterThan(10 * 10_000);
  }

  @Test
  void whatIsRefusedEndsOrLosesItemsIsCounted() throws IOException {
    serve(
        (stream, out) -> {
          for (int id = 1; stream != 2 || id < 3; id += stream == 3 ? 2 : 1) {
            item(out, id);
            LockSupport.parkNanos(EVERY_MS * 1_000_000L);
          }
        });

    StreamLoad.Outcome outcome = run(4);

    assertThat(outcome.failures()).as("one ended, one was refused").isEqualTo(2);
    assertThat(outcome.open()).isEqualTo(2);
    assertThat(outcome.openedInMs()).isNull();
    assertThat(outcome.lostItems()).isPositive();
  }
}
