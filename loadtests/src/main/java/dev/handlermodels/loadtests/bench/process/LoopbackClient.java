package dev.handlermodels.loadtests.bench.process;

import dev.handlermodels.loadtests.bench.stats.Numbers;
import dev.handlermodels.loadtests.load.HttpAddress;
import dev.handlermodels.loadtests.load.Json;
import java.io.IOException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import tools.jackson.core.JacksonException;

/** The HTTP client with which the bench asks its own processes. */
public final class LoopbackClient implements AutoCloseable {
  static {
    // Read once, when the JDK's client is first used: see request.
    System.setProperty("jdk.httpclient.allowRestrictedHeaders", "host");
  }

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
    long fromNs = System.nanoTime();
    HttpResponse<String> response =
        send(url, request -> request.timeout(Duration.ofMillis(timeoutMs)));
    double ms = (System.nanoTime() - fromNs) / 1e6;
    return response == null ? null : Numbers.round(ms, 2);
  }

  /** The answer's body; null where there is none in time. */
  public String textOrNull(String url) throws InterruptedException {
    return body(url);
  }

  /** The answer's status; null where there is none in time. */
  public Integer status(String url) throws InterruptedException {
    HttpResponse<String> response = send(url, HttpRequest.Builder::GET);
    return response == null ? null : (Integer) response.statusCode();
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
    HttpRequest request;
    try {
      request = request(url).timeout(Duration.ofMillis(timeoutMs)).build();
    } catch (UnknownHostException e) {
      return CompletableFuture.failedFuture(e);
    }
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
    send(url, request -> request.POST(HttpRequest.BodyPublishers.noBody()));
  }

  /** Whether the server accepted it. */
  public boolean put(String url) throws InterruptedException {
    HttpResponse<String> response =
        send(url, request -> request.PUT(HttpRequest.BodyPublishers.noBody()));
    return response != null && response.statusCode() / 100 == 2;
  }

  private String body(String url) throws InterruptedException {
    HttpResponse<String> response = send(url, HttpRequest.Builder::GET);
    return response != null && response.statusCode() == 200 ? response.body() : null;
  }

  private static HttpRequest.Builder request(String url) throws UnknownHostException {
    URI uri = URI.create(url);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(HttpAddress.resolved(uri)).timeout(TIMEOUT);
    String host = HttpAddress.underscoredHost(uri);
    return host == null ? request : request.header("Host", host);
  }

  /** Null where there is no answer in time. */
  private HttpResponse<String> send(String url, UnaryOperator<HttpRequest.Builder> how)
      throws InterruptedException {
    try {
      return client.send(how.apply(request(url)).build(), BodyHandlers.ofString());
    } catch (IOException e) {
      return null;
    }
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
