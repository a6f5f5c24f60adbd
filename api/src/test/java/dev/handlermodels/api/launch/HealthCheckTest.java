package dev.handlermodels.api.launch;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.handlermodels.api.Endpoint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class HealthCheckTest {
  @ParameterizedTest
  @CsvSource({"127.0.0.1, 200, true", "0.0.0.0, 200, true", "0.0.0.0, 503, false"})
  void a_server_is_live_when_its_main_listener_says_200(String host, int status, boolean live)
      throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1);
    server.createContext(
        Endpoint.LIVE_PATH,
        exchange -> {
          exchange.sendResponseHeaders(status, -1);
          exchange.close();
        });
    server.start();
    try {
      String port = "" + server.getAddress().getPort();
      assertThat(isLive(host, server.getAddress().getPort())).isEqualTo(live);
      assertThat(
              HealthCheck.isLive(
                  Map.of("PORT", "1", "MANAGEMENT_HOST", host, "MANAGEMENT_PORT", port),
                  "MANAGEMENT_HOST",
                  "MANAGEMENT_PORT",
                  "9090"))
          .as("a worker")
          .isEqualTo(live);
    } finally {
      server.stop(0);
    }
  }

  @Test
  void one_that_accepts_and_says_nothing_as_a_frozen_loop_does_is_not_live() throws IOException {
    try (ServerSocket frozen = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThat(isLive("127.0.0.1", frozen.getLocalPort())).isFalse();
    }
  }

  @Test
  void one_that_refuses_connections_is_not_live() throws IOException {
    int port;
    try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = closed.getLocalPort();
    }
    assertThat(isLive("127.0.0.1", port)).isFalse();
  }

  private static boolean isLive(String host, int port) {
    return HealthCheck.isLive(Map.of("HOST", host, "PORT", "" + port), "HOST", "PORT", "8080");
  }
}
