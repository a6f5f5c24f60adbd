package dev.handlermodels.contracttests;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
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

  Answer send(String method, String target) {
    return Await.result(start(method, target, null, new byte[0]));
  }

  Answer post(String target, String contentType, byte[] body) {
    return Await.result(start("POST", target, contentType, body));
  }

  /** Sends {@code GET target} and does not wait for the answer. */
  CompletableFuture<Answer> start(String target) {
    return start("GET", target, null, new byte[0]);
  }

  /** So many at once. */
  List<CompletableFuture<Answer>> start(String target, int count) {
    return IntStream.range(0, count).mapToObj(_ -> start(target)).toList();
  }

  private CompletableFuture<Answer> start(
      String method, String target, String contentType, byte[] body) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + target))
            .method(
                method,
                body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
    if (contentType != null) {
      request.header("Content-Type", contentType);
    }
    return http.sendAsync(request.build(), BodyHandlers.ofByteArray())
        .thenApply(
            response -> {
              Answer answer =
                  Answer.of(response.statusCode(), response.headers().map(), response.body());
              if (!method.equals("HEAD")) { // the answer to HEAD has no body that could be checked
                Contract.check(method, target, contentType, body, answer);
              }
              return answer;
            });
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
