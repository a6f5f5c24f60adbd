package dev.handlermodels.loadtests.bench.process;

import dev.handlermodels.loadtests.bench.stats.Numbers;
import dev.handlermodels.loadtests.load.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import tools.jackson.core.JacksonException;

/** The HTTP client with which the bench asks its own processes. */
public final class LoopbackClient implements AutoCloseable {
  /** Below the second between two samples. */
  private static final Duration TIMEOUT = Duration.ofMillis(800);

  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(TIMEOUT)
          .proxy(HttpClient.Builder.NO_PROXY)
          .build();

  /** How long an answer of any status took; null where there was none in time. */
  public Double latencyMs(String url, long timeoutMs) throws InterruptedException {
    HttpRequest request = request(url).timeout(Duration.ofMillis(timeoutMs)).build();
    long fromNs = System.nanoTime();
    HttpResponse<String> response = send(request);
    double ms = (System.nanoTime() - fromNs) / 1e6;
    return response == null ? null : Numbers.round(ms, 2);
  }

  /** The answer's body; null where there is none in time. */
  public String textOrNull(String url) throws InterruptedException {
    return body(url);
  }

  public boolean answers(String url) throws InterruptedException {
    return body(url) != null;
  }

  /** The answer as {@code type}; null where there is none in time. */
  public <T> T get(String url, Class<T> type) throws InterruptedException {
    String body = body(url);
    try {
      return body == null ? null : Json.LINE.readValue(body, type);
    } catch (JacksonException e) {
      return null;
    }
  }

  /**
   * The answer's text.
   *
   * @throws IOException where there is none
   */
  public String text(String url) throws IOException, InterruptedException {
    String body = body(url);
    if (body == null) {
      throw new IOException(url + " did not answer.");
    }
    return body;
  }

  /** A future of the answer's text; it fails where the status is not 200 or the answer is late. */
  CompletableFuture<String> start(String url, long timeoutMs) {
    HttpRequest request = request(url).timeout(Duration.ofMillis(timeoutMs)).build();
    return client
        .sendAsync(request, BodyHandlers.ofString())
        .thenApply(
            response -> {
              if (response.statusCode() != 200) {
                throw new IllegalStateException(
                    "status " + response.statusCode() + ": " + response.body());
              }
              return response.body();
            });
  }

  public void post(String url) throws InterruptedException {
    send(request(url).POST(HttpRequest.BodyPublishers.noBody()).build());
  }

  /** Whether the server accepted it. */
  public boolean put(String url) throws InterruptedException {
    HttpResponse<String> response =
        send(request(url).PUT(HttpRequest.BodyPublishers.noBody()).build());
    return response != null && response.statusCode() / 100 == 2;
  }

  private String body(String url) throws InterruptedException {
    HttpResponse<String> response = send(request(url).build());
    return response != null && response.statusCode() == 200 ? response.body() : null;
  }

  private static HttpRequest.Builder request(String url) {
    return HttpRequest.newBuilder(URI.create(url)).timeout(TIMEOUT);
  }

  /** Null where there is no answer in time. */
  private HttpResponse<String> send(HttpRequest request) throws InterruptedException {
    try {
      return client.send(request, BodyHandlers.ofString());
    } catch (IOException e) {
      return null;
    }
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
