package dev.handlermodels.api.launch;

import dev.handlermodels.api.Endpoint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Asks the main listener of this machine for its liveness, or where there is none, as in a worker,
 * the management listener ({@code -Dhealthcheck.management=true}); the exit code is the answer. For
 * a container's HEALTHCHECK where there is neither shell nor curl. A JVM lives for this one
 * question, so it loads as few classes as can be: no HTTP client.
 */
public final class HealthCheck {
  private static final int TIMEOUT_MS = 3000;
  private static final String REQUEST =
      "GET " + Endpoint.LIVE_PATH + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  private static final String OK = "HTTP/1.1 200";

  private HealthCheck() {}

  public static void main(String[] args) {
    boolean live =
        Boolean.getBoolean("healthcheck.management")
            ? isLive(System.getenv(), "MANAGEMENT_HOST", "MANAGEMENT_PORT", "9090")
            : isLive(System.getenv(), "HOST", "PORT", "8080");
    System.exit(live ? 0 : 1);
  }

  /**
   * @param hostName the setting that the server was told, and so the next one
   */
  static boolean isLive(
      Map<String, String> environment, String hostName, String portName, String defaultPort) {
    try (Socket socket = new Socket()) {
      InetAddress host = InetAddress.getByName(environment.getOrDefault(hostName, "127.0.0.1"));
      int port = Integer.parseInt(environment.getOrDefault(portName, defaultPort));
      socket.connect(
          new InetSocketAddress(
              host.isAnyLocalAddress() ? InetAddress.getLoopbackAddress() : host, port),
          TIMEOUT_MS);
      socket.setSoTimeout(TIMEOUT_MS);
      socket.getOutputStream().write(REQUEST.getBytes(StandardCharsets.US_ASCII));
      byte[] answer = socket.getInputStream().readNBytes(OK.length());
      return new String(answer, StandardCharsets.US_ASCII).equals(OK);
    } catch (IOException | NumberFormatException _) {
      return false; // refused, silent or cut off
    }
  }
}
