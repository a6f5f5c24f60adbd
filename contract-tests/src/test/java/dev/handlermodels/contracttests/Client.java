package dev.handlermodels.contracttests;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/**
 * A client of one listener, with one connection pool. Each answer is checked by {@link Contract}.
 */
final class Client implements AutoCloseable {
  private final int port;
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Await.BOUND)
          .build();

  Client(int port) {
    this.port = port;
  }

  Answer get(String target) {
    return Await.result(start(target));
  }

  Answer get(String target, Map<String, String> headers) {
    return Await.result(start(target, headers));
  }

  Answer send(String method, String target) {
    return Await.result(start(method, target, Map.of(), new byte[0]));
  }

  /**
   * @param contentType null for none
   */
  Answer post(String target, String contentType, byte[] body) {
    return Await.result(
        start(
            "POST",
            target,
            contentType == null ? Map.of() : Map.of("Content-Type", contentType),
            body));
  }

  /** Sends {@code GET target} and does not wait for the answer. */
  CompletableFuture<Answer> start(String target) {
    return start(target, Map.of());
  }

  CompletableFuture<Answer> start(String target, Map<String, String> headers) {
    return start("GET", target, headers, new byte[0]);
  }

  /** So many at once. */
  List<CompletableFuture<Answer>> start(String target, int count) {
    return IntStream.range(0, count).mapToObj(_ -> start(target)).toList();
  }

  CompletableFuture<Answer> start(String method, String target) {
    return start(method, target, Map.of(), new byte[0]);
  }

  CompletableFuture<Answer> start(
      String method, String target, Map<String, String> headers, byte[] body) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + target))
            .method(
                method,
                body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
    headers.forEach(request::header);
    return http.sendAsync(request.build(), BodyHandlers.ofByteArray())
        .thenApply(
            response -> {
              Answer answer =
                  Answer.of(response.statusCode(), response.headers().map(), response.body());
              if (!method.equals("HEAD")) { // the answer to HEAD has no body that could be checked
                Contract.check(method, target, headers.get("Content-Type"), body, answer);
              }
              return answer;
            });
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
