package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The three servers behind a real nginx as its packages configure it: with buffers, with gzip, and
 * with HTTP/1.0 to the server unless told otherwise. Skipped where no nginx is installed.
 */
@Rules
class NginxTest {
  @Nested
  class Vertx extends BehindNginx {
    Vertx() {
      super(Model.VERTX);
    }
  }

  @Nested
  class Nima extends BehindNginx {
    Nima() {
      super(Model.NIMA);
    }
  }

  @Nested
  class Blocking extends BehindNginx {
    Blocking() {
      super(Model.BLOCKING);
    }
  }

  abstract static class BehindNginx extends ServerRules {
    private static final String CONFIGURATION =
        """
        daemon off;
        master_process off;
        pid %1$s/pid;
        error_log stderr;
        events {}
        http {
          access_log off;
          client_body_temp_path %1$s/body;
          proxy_temp_path %1$s/proxy;
          fastcgi_temp_path %1$s/fastcgi;
          uwsgi_temp_path %1$s/uwsgi;
          scgi_temp_path %1$s/scgi;
          gzip on;
          gzip_proxied any;
          gzip_types text/event-stream application/json;
          server {
            listen 127.0.0.1:%2$s;
            location /old/ { proxy_pass http://127.0.0.1:%3$s/; }
            location /new/ {
              proxy_pass http://127.0.0.1:%3$s/;
              proxy_http_version 1.1;
              proxy_set_header Connection "";
            }
          }
        }
        """;

    private final HttpClient client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Await.BOUND)
            .build();

    @TempDir(cleanup = CleanupMode.ALWAYS)
    static Path folder;

    private Process nginx;
    private int port;

    BehindNginx(Model model) {
      super(model);
    }

    @BeforeAll
    void startNginx() throws IOException {
      assumeTrue(binary() != null, "there is no nginx here");
      port = freePort();
      Path file = Files.createTempFile(folder, "nginx", ".conf");
      Files.writeString(
          file, CONFIGURATION.formatted(file.getParent(), port, server.instance().port()));
      nginx =
          new ProcessBuilder(binary(), "-c", file.toString(), "-e", "stderr")
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(folder.resolve("log").toFile())
              .start();
      Await.until("nginx listens", () -> !Raw.refuses(port));
    }

    @AfterAll
    void stopNginx() {
      client.shutdownNow();
      if (nginx != null) {
        nginx.destroy();
        nginx.onExit().join();
      }
    }

    private static String binary() {
      return Stream.of("/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/bin/nginx")
          .filter(path -> Files.isExecutable(Path.of(path)))
          .findFirst()
          .orElse(null);
    }

    private static int freePort() throws IOException {
      try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        return free.getLocalPort();
      }
    }

    @ParameterizedTest(name = "HTTP of {0}, gzip {1}")
    @CsvSource({"old, identity", "new, identity", "old, gzip", "new, gzip"})
    void an_event_arrives_long_before_the_next_one_is_due(String version, String coding)
        throws Exception {
      HttpResponse<InputStream> answer =
          Await.result(
              client.sendAsync(
                  request("/" + version + "/stream?items=2&everyMs=40000", coding),
                  BodyHandlers.ofInputStream()));
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.headers().firstValue("Content-Encoding").orElse("identity"))
          .isEqualTo(coding);
      try (InputStream body = answer.body()) {
        assertThat(Await.result(CompletableFuture.supplyAsync(() -> firstLine(body, coding))))
            .contains(":");
      }
    }

    @ParameterizedTest
    @CsvSource({"old", "new"})
    void a_result_and_the_answer_to_HEAD_pass(String version) throws Exception {
      for (String method : new String[] {"GET", "HEAD"}) {
        HttpResponse<String> answer =
            client.send(
                HttpRequest.newBuilder(uri("/" + version + "/io?waitMs=0"))
                    .method(method, HttpRequest.BodyPublishers.noBody())
                    .build(),
                BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body().isEmpty()).isEqualTo(method.equals("HEAD"));
      }
    }

    private HttpRequest request(String target, String coding) {
      return HttpRequest.newBuilder(uri(target)).header("Accept-Encoding", coding).build();
    }

    private URI uri(String target) {
      return URI.create("http://127.0.0.1:" + port + target);
    }

    private static String firstLine(InputStream body, String coding) {
      try {
        InputStream plain = coding.equals("gzip") ? new GZIPInputStream(body, 1) : body;
        StringBuilder line = new StringBuilder();
        for (int next = plain.read(); next >= 0 && next != '\n'; next = plain.read()) {
          line.append((char) next);
        }
        return line.toString();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
