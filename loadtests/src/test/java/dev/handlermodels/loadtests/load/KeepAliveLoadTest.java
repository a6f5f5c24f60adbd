package dev.handlermodels.loadtests.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
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

  @Test
  void withPatienceABrokenConnectionIsAFailureAndItsUserComesAgain() throws IOException {
    AtomicInteger accepted = new AtomicInteger();
    try (ServerSocket listener = new ServerSocket(0, 100, InetAddress.getByName("127.0.0.1"))) {
      Thread.ofVirtual().start(() -> closeEach(listener, accepted));

      KeepAliveLoad.Outcome outcome = run(listener, 1_000);

      assertThat(accepted.get()).isGreaterThan(1);
      assertThat(outcome.failures()).isEqualTo(outcome.requests()).isGreaterThan(1);
    }
  }

  @Test
  void withoutPatienceABrokenConnectionEndsTheLoad() throws IOException {
    try (ServerSocket listener = new ServerSocket(0, 100, InetAddress.getByName("127.0.0.1"))) {
      Thread.ofVirtual().start(() -> closeEach(listener, new AtomicInteger()));

      assertThatThrownBy(() -> run(listener, 0)).isInstanceOf(UncheckedIOException.class);
    }
  }

  @Test
  void anAnswerThatTakesTooLongIsAFailureAndCounts() throws IOException {
    // Nobody accepts: the kernel connects, and no answer ever comes.
    try (ServerSocket listener = new ServerSocket(0, 100, InetAddress.getByName("127.0.0.1"))) {
      KeepAliveLoad.Outcome outcome = run(listener, 50);

      assertThat(outcome.failures()).isEqualTo(outcome.requests()).isGreaterThan(1);
      assertThat(outcome.p99Us()).isGreaterThanOrEqualTo(50_000);
    }
  }

  @Test
  void whoIsRefusedWaitsAsToldAndItsTimesAreNoTimesOfAnswers() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 100);
    server.createContext(
        "/",
        exchange -> {
          exchange.getResponseHeaders().set("Retry-After", "60");
          exchange.sendResponseHeaders(503, -1);
          exchange.close();
        });
    server.start();
    try {
      KeepAliveLoad.Outcome outcome =
          KeepAliveLoad.run(
              new KeepAliveLoad.Plan(server.getAddress().getPort(), "/", 3, 0, 0, 1000, 0, 5_000));

      assertThat(outcome.requests()).isEqualTo(3);
      assertThat(outcome.refused()).isEqualTo(3);
      assertThat(outcome.failures()).isEqualTo(3);
      assertThat(outcome.p99Ms()).isNull();
    } finally {
      server.stop(0);
    }
  }

  private static KeepAliveLoad.Outcome run(ServerSocket listener, int patienceMs)
      throws IOException {
    return KeepAliveLoad.run(
        new KeepAliveLoad.Plan(listener.getLocalPort(), "/", 1, 0, 0, 1000, 0, patienceMs));
  }

  private static void closeEach(ServerSocket listener, AtomicInteger accepted) {
    try {
      while (true) {
        listener.accept().close();
        accepted.incrementAndGet();
      }
    } catch (IOException _) {
      // The test is over.
    }
  }
}
