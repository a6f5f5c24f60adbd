package dev.handlermodels.upstream;

import java.io.IOException;

/**
 * The upstream as a process of its own: {@code PORT=8081 java -jar upstream/target/upstream.jar}.
 */
public final class Main {
  private static final int EXIT_USAGE = 2;

  private Main() {}

  public static void main(String[] args) throws InterruptedException {
    String host = System.getenv().getOrDefault("HOST", "127.0.0.1");
    String port = System.getenv().getOrDefault("PORT", "8081");
    try {
      UpstreamServer server = UpstreamServer.start(host, Integer.parseInt(port));
      System.out.println("ready upstream on " + server.url());
      Thread.currentThread().join();
    } catch (IOException | IllegalArgumentException e) {
      System.err.println(
          "the upstream cannot listen on " + host + ":" + port + ": " + e.getMessage());
      System.exit(EXIT_USAGE);
    }
  }
}
