package dev.handlermodels.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.handlermodels.api.Json;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/**
 * 9000 calls that wait at once. The upstream is a process of its own, with the bench's heap, for
 * both ends in one process would need 18000 file descriptors.
 */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
@Timeout(60)
class UpstreamCapacityTest {
  private static final int CALLS = 9000;
  private static final int SPARE_DESCRIPTORS = 500;

  @Test
  void it_holds_9000_waiting_calls_and_sees_all_of_them_leave() throws Exception {
    assumeTrue(
        ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean os
            && os.getMaxFileDescriptorCount() > CALLS + SPARE_DESCRIPTORS,
        "a process may not open so many connections here");
    Process process = startProcess();
    try (HttpClient http = HttpClient.newHttpClient()) {
      String ready = process.inputReader(StandardCharsets.UTF_8).readLine();
      URI url = URI.create(ready.substring(ready.indexOf("http://")));
      List<SocketChannel> calls = call(url);
      try {
        until(http, url, "active", CALLS);
        JsonNode stats = stats(http, url);
        assertThat(stats.path("received").intValue()).isEqualTo(CALLS);
        assertThat(stats.path("activePeak").intValue()).isEqualTo(CALLS);
        assertThat(stats.path("answered").intValue()).isZero();
      } finally {
        for (SocketChannel call : calls) {
          call.close();
        }
      }
      until(http, url, "aborted", CALLS);
      assertThat(stats(http, url).path("active").intValue()).isZero();
    } finally {
      process.destroyForcibly();
    }
  }

  private static Process startProcess() throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.handlermodels.upstream.Main")
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().putAll(Map.of("HOST", "127.0.0.1", "PORT", "0"));
    return builder.start();
  }

  private static List<SocketChannel> call(URI url) throws IOException {
    InetSocketAddress address =
        new InetSocketAddress(InetAddress.getByName(url.getHost()), url.getPort());
    byte[] request =
        "GET /wait?waitMs=60000 HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    List<SocketChannel> calls = new ArrayList<>();
    for (int i = 0; i < CALLS; i++) {
      SocketChannel call = SocketChannel.open(address);
      calls.add(call);
      call.write(ByteBuffer.wrap(request));
    }
    return calls;
  }

  private static JsonNode stats(HttpClient http, URI url) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(url.resolve("/stats")).build();
    return Json.tree(http.send(request, BodyHandlers.ofByteArray()).body());
  }

  /** The bound is JUnit's. */
  private static void until(HttpClient http, URI url, String count, int value) throws Exception {
    while (stats(http, url).path(count).intValue() != value) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
    }
  }
}
