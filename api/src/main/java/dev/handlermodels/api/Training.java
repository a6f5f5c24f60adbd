package dev.handlermodels.api;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/**
 * Asks a server for each of its endpoints once, so that a JVM started with {@code
 * -XX:AOTCacheOutput} records the classes that answers need, and not only those that starting
 * needs. Run by {@code --train}; the server ends by itself.
 */
final class Training {
  private static final int TIMEOUT_MS = 10_000;

  private Training() {}

  static void run(Instance instance) throws IOException {
    String main = "http://" + instance.service().settings().host() + ":" + instance.port();
    String management =
        "http://"
            + instance.service().settings().managementHost()
            + ":"
            + instance.managementPort();
    for (Endpoint endpoint : Endpoint.values()) {
      boolean waits = endpoint == Endpoint.FANOUT || endpoint.path().startsWith(Endpoint.IO_PATH);
      ask(endpoint.method(), main + endpoint.path("x") + (waits ? "?waitMs=1" : ""));
    }
    ask("GET", main + "/no-such-path");
    ask("GET", management + "/threads");
    ask("GET", management + "/settings");
    ask("GET", management + "/metrics");
  }

  private static void ask(String method, String url) throws IOException {
    HttpURLConnection connection = (HttpURLConnection) URI.create(url).toURL().openConnection();
    connection.setConnectTimeout(TIMEOUT_MS);
    connection.setReadTimeout(TIMEOUT_MS);
    connection.setRequestMethod(method);
    if (method.equals("POST")) {
      connection.setDoOutput(true);
      connection.getOutputStream().write("{}".getBytes(StandardCharsets.UTF_8));
    }
    connection.getResponseCode();
    connection.disconnect();
  }
}
