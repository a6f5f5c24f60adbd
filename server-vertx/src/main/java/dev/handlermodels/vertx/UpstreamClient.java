package dev.handlermodels.vertx;

import dev.handlermodels.api.ClientSpan;
import dev.handlermodels.api.Limits;
import dev.handlermodels.api.ServerSpan;
import dev.handlermodels.api.Service;
import dev.handlermodels.api.Settings;
import dev.handlermodels.api.UpstreamAnswer;
import dev.handlermodels.api.UpstreamException;
import dev.handlermodels.upstream.UpstreamCalls;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ConnectionPoolTooBusyException;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import java.io.IOException;
import java.net.ConnectException;
import java.util.concurrent.RejectedExecutionException;

/** Where the code waits, on the event loop: nowhere, on the loop itself (wrong), or on a worker. */
final class UpstreamClient implements AutoCloseable {
  private static final int CONNECT_TIMEOUT_MS = 5000;
  private static final int IDLE_CONNECTION_SECONDS = 60;

  private final Vertx vertx;
  private final HttpClient client;
  private final UpstreamCalls calls;
  private final int timeoutMs;

  private UpstreamClient(Vertx vertx, UpstreamCalls calls, Settings settings) {
    this.vertx = vertx;
    this.calls = calls;
    this.timeoutMs = settings.upstreamTimeoutMs();
    this.client =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setDefaultHost(calls.url().getHost())
                .setDefaultPort(calls.url().getPort() < 0 ? 80 : calls.url().getPort())
                .setConnectTimeout(Math.min(CONNECT_TIMEOUT_MS, timeoutMs))
                .setKeepAliveTimeout(IDLE_CONNECTION_SECONDS),
            new PoolOptions()
                .setHttp1MaxSize(settings.upstreamMaxConnections())
                .setMaxWaitQueueSize(settings.queueSize()));
  }

  static UpstreamClient open(Vertx vertx, Service service) throws IOException {
    return new UpstreamClient(vertx, UpstreamCalls.open(service), service.settings());
  }

  /**
   * No thread waits: the loop goes on to other requests and comes back when the answer is there.
   */
  Future<UpstreamAnswer> call(int waitMs, ServerSpan span) {
    String target = "/wait?waitMs=" + waitMs;
    ClientSpan call = span.call("GET", calls.url(), target);
    Promise<UpstreamAnswer> answer = Promise.promise();
    long deadline =
        vertx.setTimer(timeoutMs, _ -> answer.tryFail(UpstreamException.timeout(timeoutMs)));
    client
        .request(HttpMethod.GET, target)
        .compose(request -> send(request, answer, call))
        .onComplete(answer::tryComplete, failure -> answer.tryFail(asUpstreamFailure(failure)));
    return answer
        .future()
        .onComplete(
            (_, failure) -> {
              vertx.cancelTimer(deadline);
              call.end(failure);
            });
  }

  private static Future<UpstreamAnswer> send(
      HttpClientRequest request, Promise<UpstreamAnswer> answer, ClientSpan call) {
    call.fields(request::putHeader);
    // Past the deadline nobody waits for this answer, so its connection must not go on filling.
    answer.future().onFailure(_ -> request.reset());
    return request.send().compose(response -> read(response, call));
  }

  private static Future<UpstreamAnswer> read(HttpClientResponse response, ClientSpan call) {
    call.answered(response.statusCode());
    Promise<UpstreamAnswer> answer = Promise.promise();
    Buffer body = Buffer.buffer();
    response.exceptionHandler(answer::tryFail);
    response.handler(
        part -> {
          body.appendBuffer(part);
          if (body.length() > Limits.UPSTREAM_ANSWER_BYTES) {
            answer.tryFail(UpstreamAnswer.tooLong());
          }
        });
    response.endHandler(
        _ -> {
          if (!answer.future().isComplete()) {
            answer.handle(
                Future.future(
                    p ->
                        p.complete(
                            UpstreamAnswer.parse(response.statusCode(), body.getBytes(), null))));
          }
        });
    return answer.future();
  }

  private static Throwable asUpstreamFailure(Throwable failure) {
    return switch (failure) {
      case UpstreamException known -> known;
      case ConnectionPoolTooBusyException _ ->
          new RejectedExecutionException(
              "the upstream's connections are all busy and their queue is full");
      case ConnectException e ->
          new UpstreamException(UpstreamException.Kind.UNREACHABLE, "it cannot be reached", e);
      default ->
          new UpstreamException(
              UpstreamException.Kind.BROKEN, "the connection broke or brought no HTTP", failure);
    };
  }

  /** The event loop itself waits, and with it everybody whom it serves. */
  UpstreamAnswer callBlocking(int waitMs, ServerSpan span) {
    return calls.blocking(waitMs, span);
  }

  /** A worker waits; its answer comes back to this request's loop. */
  Future<UpstreamAnswer> callOffloaded(int waitMs, ServerSpan span) {
    return Future.fromCompletionStage(calls.offloaded(waitMs, span), vertx.getOrCreateContext());
  }

  @Override
  public void close() {
    calls.close();
  }
}
