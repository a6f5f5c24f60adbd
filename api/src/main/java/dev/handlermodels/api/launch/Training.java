package dev.handlermodels.api.launch;

import dev.handlermodels.api.Endpoint;
import dev.handlermodels.api.Json;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import jdk.management.VirtualThreadSchedulerMXBean;

/**
 * Asks a server for each of its endpoints once, so that a JVM started with {@code
 * -XX:AOTCacheOutput} records the classes that answers need, and not only those that starting
 * needs. Run by {@code --train}; the server ends by itself.
 */
final class Training {
  private static final int TIMEOUT_MS = 10_000;
  private static final int CARRIERS =
      ManagementFactory.getPlatformMXBean(VirtualThreadSchedulerMXBean.class).getParallelism();

  private Training() {}

  static void run(Instance instance) throws IOException {
    String main = "http://" + instance.service().settings().host() + ":" + instance.port();
    String management =
        "http://"
            + instance.service().settings().managementHost()
            + ":"
            + instance.managementPort();
    for (Endpoint endpoint : Endpoint.values()) {
      if (endpoint.needsDatabase()) {
        continue; // a build starts no database
      }
      if (endpoint == Endpoint.IO_PINNED && CARRIERS == 1) {
        continue; // pinned to the only carrier, it would wait for the simulator, which needs one
      }
      ask(endpoint.method(), main + endpoint.path("x") + briefly(endpoint));
    }
    ask("GET", main + "/no-such-path");
    ask("GET", management + "/threads");
    ask("GET", management + "/settings");
    ask("GET", management + "/metrics");
  }

  /** A query that asks for little. */
  private static String briefly(Endpoint endpoint) {
    return switch (endpoint) {
      case IO, IO_BLOCKING, IO_PINNED, IO_OFFLOADED -> "?waitMs=1";
      case CPU, CPU_INLINE -> "?work=1";
      case MIXED -> "?waitMs=1&work=1";
      case STEPS -> "?steps=call:1,cpu:1";
      case FANOUT -> "?calls=2&waitMs=1";
      case STREAM -> "?items=2&everyMs=1";
      case RACE -> "?tasks=10";
      default -> "";
    };
  }

  private static void ask(String method, String url) throws IOException {
    HttpURLConnection connection = (HttpURLConnection) URI.create(url).toURL().openConnection();
    connection.setConnectTimeout(TIMEOUT_MS);
    connection.setReadTimeout(TIMEOUT_MS);
    connection.setRequestMethod(method);
    if (method.equals("POST")) {
      connection.setDoOutput(true);
      connection.setRequestProperty("Content-Type", Json.CONTENT_TYPE);
      connection.getOutputStream().write("{\"text\":\"x\"}".getBytes(StandardCharsets.UTF_8));
    }
    connection.getResponseCode();
    connection.disconnect();
  }
}
