package dev.handlermodels.loadtests.bench.scenario.hostile;

import dev.handlermodels.loadtests.bench.config.LoopbackAddress;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A client that comes when the others have left. */
final class Newcomer {
  private static final int WITHIN_MS = 1_000;
  private static final String REQUEST = "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n";
  private static final String OK = "HTTP/1.1 200";

  private Newcomer() {}

  /** Whether a new connection has the answer 200 within a second. */
  static boolean isAnswered(int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(LoopbackAddress.HOST, port), WITHIN_MS);
      socket.setSoTimeout(WITHIN_MS);
      socket.getOutputStream().write(REQUEST.getBytes(StandardCharsets.ISO_8859_1));
      byte[] start = socket.getInputStream().readNBytes(OK.length());
      return new String(start, StandardCharsets.ISO_8859_1).equals(OK);
    } catch (IOException e) {
      return false;
    }
  }
}
