package dev.handlermodels.loadtests.load;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class KeepAliveLoadTest {
  @Test
  void everyAnswerIsCountedAndEveryConnectionKept() throws IOException {
    AtomicInteger answered = new AtomicInteger();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 100);
    server.createContext(
        "/",
        exchange -> {
          boolean tenth = answered.incrementAndGet() % 10 == 0;
          byte[] body = "hello".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
          exchange.sendResponseHeaders(tenth ? 503 : 200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    try {
      KeepAliveLoad.Outcome outcome =
          KeepAliveLoad.run(
              new KeepAliveLoad.Plan(server.getAddress().getPort(), "/", 4, 50, 100, 400));

      // The last request of each connection may still be on its way.
      assertThat(outcome.requests()).isBetween(answered.get() - 4L, (long) answered.get());
      assertThat(outcome.inWindow()).isPositive().isLessThanOrEqualTo(outcome.requests());
      assertThat(outcome.failures()).isBetween(outcome.requests() / 10 - 1, answered.get() / 10L);
      assertThat(outcome.perSecond()).isEqualTo(outcome.inWindow() / 0.4);
      assertThat(outcome.p99Us()).isGreaterThanOrEqualTo(outcome.p50Us());
    } finally {
      server.stop(0);
    }
  }
}
