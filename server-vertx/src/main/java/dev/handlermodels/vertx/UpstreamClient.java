package dev.handlermodels.vertx;

import dev.handlermodels.api.Aggregate;
import dev.handlermodels.api.FanOut;
import dev.handlermodels.api.Limits;
import dev.handlermodels.api.Results;
import dev.handlermodels.api.admission.Cancellation;
import dev.handlermodels.api.launch.Service;
import dev.handlermodels.api.settings.HostAndPort;
import dev.handlermodels.api.settings.Settings;
import dev.handlermodels.api.telemetry.ClientSpan;
import dev.handlermodels.api.upstream.UpstreamAnswer;
import dev.handlermodels.api.upstream.UpstreamException;
import dev.handlermodels.api.upstream.UpstreamGuard;
import dev.handlermodels.api.upstream.UpstreamGuards;
import dev.handlermodels.api.work.Gathered;
import dev.handlermodels.api.work.Tally;
import dev.handlermodels.upstream.UpstreamCalls;
import dev.handlermodels.vertx.wire.NextTurn;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ConnectionPoolTooBusyException;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import java.io.IOException;
import java.net.ConnectException;
import java.util.concurrent.CompletionException;

/** Where the code waits, on the event loop: nowhere, on the loop itself (wrong), or on a worker. */
final class UpstreamClient implements AutoCloseable {
  private static final int CALLS_IN_ONE_GO = 4;
  private static final String BROKEN = "the connection broke or brought no HTTP";

  private final Vertx vertx;
  private final HttpClient client;
  private final UpstreamCalls calls;
  private final UpstreamGuards guards;
  private final int timeoutMs;
  private final int maxConnections;
  private final int serviceTimeoutMs;
  private final int aggregateTimeoutMs;

  private UpstreamClient(
      Vertx vertx, UpstreamCalls calls, UpstreamGuards guards, Settings settings) {
    this.vertx = vertx;
    this.calls = calls;
    this.guards = guards;
    this.timeoutMs = settings.upstreamTimeoutMs();
    this.maxConnections = settings.upstreamMaxConnections();
    this.serviceTimeoutMs = settings.serviceTimeoutMs();
    this.aggregateTimeoutMs = settings.aggregateTimeoutMs();
    HostAndPort address = HostAndPort.of(calls.url());
    this.client =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setDefaultHost(address.host())
                .setDefaultPort(address.port())
                .setConnectTimeout(Math.min(Limits.UPSTREAM_CONNECT_TIMEOUT_MS, timeoutMs))
                .setKeepAliveTimeout(Limits.UPSTREAM_IDLE_MS / 1000),
            new PoolOptions()
                .setHttp1MaxSize(settings.upstreamMaxConnections())
                .setMaxWaitQueueSize(settings.queueSize()));
  }

  static UpstreamClient open(Vertx vertx, Service service) throws IOException {
    return new UpstreamClient(
        vertx, UpstreamCalls.open(service), service.upstreamGuards(), service.settings());
  }

  /**
   * No thread waits: the loop goes on to other requests and comes back when the answer is there.
   */
  Future<UpstreamAnswer> call(int waitMs, Cancellation cancellation) {
    return get(
        guards.of(UpstreamGuards.WAIT),
        "/wait?waitMs=" + waitMs,
        timeoutMs,
        cancellation,
        (status, body) -> UpstreamAnswer.parse(status, body, null));
  }

  private <T> Future<T> get(
      UpstreamGuard guard,
      String target,
      int timeoutMs,
      Cancellation cancellation,
      UpstreamAnswer.Parser<T> parser) {
    UpstreamGuard.Permit permit;
    try {
      permit = guard.permit();
    } catch (UpstreamException notAsked) {
      return Future.failedFuture(notAsked);
    }
    ClientSpan call = cancellation.span().call("GET", calls.url(), target);
    Promise<T> answer = Promise.promise();
    var registration = cancellation.onCancel(() -> answer.tryFail(cancellation.why()));
    long deadline =
        vertx.setTimer(timeoutMs, _ -> answer.tryFail(UpstreamException.timeout(timeoutMs)));
    Get<T> get = new Get<>(target, answer, parser, call, guard);
    attempt(
        get,
        failure -> {
          if (!answer.future().isComplete() && guard.mayRetry(failure)) {
            attempt(get, answer::tryFail);
          } else {
            answer.tryFail(failure);
          }
        });
    return answer
        .future()
        .onComplete(
            (_, failure) -> {
              vertx.cancelTimer(deadline);
              registration.close();
              call.end(failure);
              permit.ended(UpstreamGuard.ownFailure(failure, cancellation.why()));
            });
  }

  /** One call, made at most twice. */
  private record Get<T>(
      String target,
      Promise<T> answer,
      UpstreamAnswer.Parser<T> parser,
      ClientSpan call,
      UpstreamGuard guard) {}

  private <T> void attempt(Get<T> get, Handler<Throwable> failed) {
    client
        .request(HttpMethod.GET, get.target)
        .compose(request -> send(request, get))
        .onComplete(
            get.answer::tryComplete,
            failure -> failed.handle(asUpstreamFailure(failure, get.guard)));
  }

  private static <T> Future<T> send(HttpClientRequest request, Get<T> get) {
    get.call.fields(request::putHeader);
    request.exceptionHandler(_ -> {}); // its futures tell the same; unset, Vert.x logs an error
    // Past the deadline or the client's patience nobody waits for this answer, so its connection
    // must not go on filling.
    get.answer.future().onFailure(_ -> request.reset());
    return request
        .send()
        .compose(
            response -> read(response, get.parser, get.call),
            failure -> Future.failedFuture(beforeAnswer(failure)));
  }

  private static Throwable beforeAnswer(Throwable failure) {
    return failure instanceof HttpClosedException || failure instanceof IOException
        ? new UpstreamException(UpstreamException.Kind.LOST, BROKEN, failure)
        : failure;
  }

  private static <T> Future<T> read(
      HttpClientResponse response, UpstreamAnswer.Parser<T> parser, ClientSpan call) {
    call.answered(response.statusCode());
    Promise<T> answer = Promise.promise();
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
                    p -> p.complete(parser.parse(response.statusCode(), body.getBytes()))));
          }
        });
    return answer.future();
  }

  private static Throwable asUpstreamFailure(Throwable failure, UpstreamGuard guard) {
    return switch (failure) {
      case UpstreamException known -> known;
      // Cancelled calls still fill the client's queue.
      case ConnectionPoolTooBusyException _ -> guard.busy();
      case ConnectException e ->
          new UpstreamException(UpstreamException.Kind.UNREACHABLE, "it cannot be reached", e);
      default -> new UpstreamException(UpstreamException.Kind.BROKEN, BROKEN, failure);
    };
  }

  /** The event loop itself waits, and with it everybody whom it serves. */
  UpstreamAnswer callBlocking(int waitMs, Cancellation cancellation) {
    return calls.blocking(waitMs, cancellation);
  }

  /**
   * The same with native code beneath the call. The loop is blocked either way, so it makes no
   * difference here.
   */
  UpstreamAnswer callPinned(int waitMs, Cancellation cancellation) {
    return calls.pinned(waitMs, cancellation);
  }

  /** A worker waits; its answer comes back to this request's loop. */
  Future<UpstreamAnswer> callOffloaded(int waitMs, Cancellation cancellation) {
    return Future.fromCompletionStage(
        calls.offloaded(waitMs, cancellation), vertx.getOrCreateContext());
  }

  /** No thread waits: each answer makes the loop send the next call, so many are out at once. */
  Future<Tally> fanOut(FanOut asked, Cancellation cancellation) {
    return new Calls(asked, cancellation).start();
  }

  /** The calls of one fan-out, all on the loop of their request. */
  private final class Calls {
    private final FanOut asked;
    private final Tally tally;
    private final Promise<Tally> done = Promise.promise();
    private final Cancellation own;
    private final Context loop = vertx.getOrCreateContext();
    private int begun;

    Calls(FanOut asked, Cancellation request) {
      this.asked = asked;
      this.tally = new Tally(asked.effective(maxConnections));
      this.own = part(request, timeoutMs, done.future());
      own.onCancel(() -> done.tryFail(own.why()));
    }

    Future<Tally> start() {
      begin(asked.effective(maxConnections));
      return done.future();
    }

    /** Some at a time: a thousand new connections in one go would keep the loop from others. */
    private void begin(int calls) {
      for (int i = 0; i < Math.min(calls, CALLS_IN_ONE_GO); i++) {
        next();
      }
      if (calls > CALLS_IN_ONE_GO && !own.isCancelled()) {
        NextTurn.run(loop, () -> begin(calls - CALLS_IN_ONE_GO));
      }
    }

    private void next() {
      if (begun < asked.calls() && !own.isCancelled()) {
        begun++;
        call(asked.waitMs(), own)
            .onComplete(_ -> tally.succeeded(), this::failed)
            .onComplete(this::ended);
      }
    }

    private void failed(Throwable failure) {
      tally.failed(asRuntimeException(failure));
    }

    private void ended(AsyncResult<UpstreamAnswer> call) {
      if (tally.made() == asked.calls()) {
        done.tryComplete(tally);
      } else {
        NextTurn.run(loop, this::next); // not here: calls that fail at once would fill the stack
      }
    }
  }

  /** The same for three services, of which any may be late or broken. */
  Future<Gathered> aggregate(Aggregate asked, Cancellation cancellation) {
    Gathered gathered = new Gathered();
    Promise<Gathered> done = Promise.promise();
    Cancellation own = part(cancellation, aggregateTimeoutMs, done.future());
    Future.join(
            asked.parts().stream().map(part -> ask(part, asked.strict(), own, gathered)).toList())
        .otherwiseEmpty() // failures have been gathered, too
        .map(
            _ -> {
              cancellation.throwIfCancelled();
              if (asked.strict()) {
                own.throwIfCancelled();
              }
              return gathered;
            })
        .onComplete(done);
    return done.future();
  }

  private Future<Results.ServiceAnswer> ask(
      Aggregate.Part part, boolean strict, Cancellation cancellation, Gathered gathered) {
    return get(
            guards.of(part.backend().label()),
            part.target(),
            serviceTimeoutMs,
            cancellation,
            UpstreamAnswer::parseService)
        .onSuccess(answer -> gathered.ok(part.backend(), answer))
        .onFailure(
            thrown -> {
              var failure = gathered.failed(part.backend(), asRuntimeException(thrown));
              if (strict) {
                cancellation.cancel(failure);
              }
            });
  }

  /** A part of a request with a deadline of its own, as long as its result is not there. */
  private Cancellation part(Cancellation request, int timeoutMs, Future<?> result) {
    Cancellation own = new Cancellation(request.span());
    var tie = request.onCancel(() -> own.cancel(request.why()));
    long deadline =
        vertx.setTimer(timeoutMs, _ -> own.cancel(UpstreamException.timeoutOfAll(timeoutMs)));
    result.onComplete(
        _ -> {
          vertx.cancelTimer(deadline);
          tie.close();
        });
    return own;
  }

  private static RuntimeException asRuntimeException(Throwable failure) {
    return failure instanceof RuntimeException e ? e : new CompletionException(failure);
  }

  @Override
  public void close() {
    calls.close();
  }
}
