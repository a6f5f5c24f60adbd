package dev.handlermodels.loadtests.bench.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.handlermodels.loadtests.bench.config.LoopbackAddress;
import dev.handlermodels.loadtests.bench.process.LoopbackClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;

class HealthProbeTest {
  private final InetAddress loopback = InetAddress.getLoopbackAddress();

  @Test
  void anAnswerOfAnyStatusShowsThatSomebodyIsThere() throws Exception {
    HttpServer server = HttpServer.create(new InetSocketAddress(loopback, 0), 10);
    server.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(404, -1);
          exchange.close();
        });
    server.start();
    try (LoopbackClient client = new LoopbackClient()) {
      assertThat(client.latencyMs(url(server.getAddress().getPort()), 5_000)).isPositive();
    } finally {
      server.stop(0);
    }
  }

  @Test
  void aListenerThatAcceptsAndKeepsSilentHasNotAnswered() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 10, loopback);
        LoopbackClient client = new LoopbackClient()) {
      assertThat(client.latencyMs(url(silent.getLocalPort()), 100)).isNull();
    }
  }

  @Test
  void nobodyHasNotAnswered() throws IOException, InterruptedException {
    int port;
    try (ServerSocket closed = new ServerSocket(0, 10, loopback)) {
      port = closed.getLocalPort();
    }
    try (LoopbackClient client = new LoopbackClient()) {
      assertThat(client.latencyMs(url(port), 100)).isNull();
    }
  }

  private static String url(int port) {
    return LoopbackAddress.url(port) + "/health/live";
  }
}
