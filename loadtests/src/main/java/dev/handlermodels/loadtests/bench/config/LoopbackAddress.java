package dev.handlermodels.loadtests.bench.config;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/** The address of this machine on which the bench starts its servers, and its ports. */
public final class LoopbackAddress {
  public static final String HOST = "127.0.0.1";

  private LoopbackAddress() {}

  public static String url(int port) {
    return "http://" + HOST + ":" + port;
  }

  /** Whether a process listens on the port already. */
  public static boolean inUse(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getByName(HOST), port));
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  /** A port that nobody uses now, for a process that is started at once. */
  public static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(HOST))) {
      return socket.getLocalPort();
    }
  }
}
