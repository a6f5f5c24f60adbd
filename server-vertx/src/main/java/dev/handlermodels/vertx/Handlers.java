package dev.handlermodels.vertx;

import dev.handlermodels.api.Aggregate;
import dev.handlermodels.api.Endpoint;
import dev.handlermodels.api.FanOut;
import dev.handlermodels.api.Json;
import dev.handlermodels.api.Limits;
import dev.handlermodels.api.MediaTypes;
import dev.handlermodels.api.Problem;
import dev.handlermodels.api.ProblemException;
import dev.handlermodels.api.Problems;
import dev.handlermodels.api.Query;
import dev.handlermodels.api.Race;
import dev.handlermodels.api.SecurityHeaders;
import dev.handlermodels.api.admission.Cancellation;
import dev.handlermodels.api.admission.ClientAddress;
import dev.handlermodels.api.admission.ClientGoneException;
import dev.handlermodels.api.admission.Failures;
import dev.handlermodels.api.admission.Traffic;
import dev.handlermodels.api.launch.Launcher;
import dev.handlermodels.api.launch.Service;
import dev.handlermodels.api.telemetry.ServerSpan;
import dev.handlermodels.api.wire.ConnectionReaper;
import dev.handlermodels.api.wire.RequestHead;
import dev.handlermodels.api.work.Call;
import dev.handlermodels.api.work.CpuWork;
import dev.handlermodels.api.work.Docs;
import dev.handlermodels.api.work.EventStream;
import dev.handlermodels.api.work.TaskQueue;
import dev.handlermodels.api.work.TaskRequest;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.StreamResetException;
import io.vertx.core.internal.buffer.BufferInternal;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * What the event loop does for each endpoint. Run it: {@code ./serve vertx}, then {@code curl
 * 'localhost:8080/io?waitMs=1000'}.
 *
 * <p>Every method runs on an event loop and has to return at once, for nobody else is served before
 * it does. So {@link #io} does not wait: it says what shall happen when the answer comes. Its
 * ceiling is users / wait. {@link #ioBlocking} waits all the same: the anti-pattern, with the
 * ceiling loops / wait for everything on that loop, health checks included. {@link #ioOffloaded}
 * repairs it, with the ceiling workers / wait. Work for the processor is the same question: {@link
 * #cpuInline} does it on the loop, {@link #cpu} hands it to the CPU workers. {@code
 * HandlerModelTest}, {@code FrozenLoopTest} and {@code CpuTest} prove each of these sentences.
 */
final class Handlers {
  private static final CharSequence JSON = HttpHeaders.createOptimized(Json.CONTENT_TYPE);
  private static final CharSequence POLICY = HttpHeaders.createOptimized(SecurityHeaders.POLICY);
  private static final CharSequence NOTHING = HttpHeaders.createOptimized(SecurityHeaders.NOTHING);
  private static final List<Map.Entry<CharSequence, CharSequence>> SECURITY =
      SecurityHeaders.FIXED.entrySet().stream()
          .map(
              field ->
                  Map.entry(
                      HttpHeaders.createOptimized(field.getKey()),
                      HttpHeaders.createOptimized(field.getValue())))
          .toList();
  private static final CharSequence NO_STORE = HttpHeaders.createOptimized(Json.CACHE_CONTROL);
  private static final String REQUEST = "request";

  private static final int LAST_WORDS_MS = 1000;

  private final Service service;
  private final UpstreamClient upstream;

  Handlers(Service service, UpstreamClient upstream) {
    this.service = service;
    this.upstream = upstream;
  }

  void root(RoutingContext ctx) {
    Call call = service.call(Endpoint.ROOT);
    Query.none(ctx.request().query());
    json(ctx, call.root());
  }

  void io(RoutingContext ctx) {
    Call call = service.call(Endpoint.IO);
    int waitMs = Query.waitMs(ctx.request().query());
    json(ctx, upstream.call(waitMs, cancellation(ctx)).map(answer -> call.io(waitMs, answer)));
  }

  void ioBlocking(RoutingContext ctx) {
    Call call = service.call(Endpoint.IO_BLOCKING);
    int waitMs = Query.waitMs(ctx.request().query());
    // The loop stands still here, so it cannot see the client hang up either.
    json(ctx, call.io(waitMs, upstream.callBlocking(waitMs, cancellation(ctx))));
  }

  void ioOffloaded(RoutingContext ctx) {
    Call call = service.call(Endpoint.IO_OFFLOADED);
    int waitMs = Query.waitMs(ctx.request().query());
    json(
        ctx,
        upstream.callOffloaded(waitMs, cancellation(ctx)).map(answer -> call.io(waitMs, answer)));
  }

  void file(RoutingContext ctx) {
    Call call = service.call(Endpoint.FILE);
    Query.none(ctx.request().query());
    json(
        ctx,
        ctx.vertx()
            .fileSystem()
            .readFile(service.dataFile().toString())
            .map(content -> call.file(content.getBytes())));
  }

  void fileBlocking(RoutingContext ctx) {
    Call call = service.call(Endpoint.FILE_BLOCKING);
    Query.none(ctx.request().query());
    try {
      json(
          ctx,
          call.file(
              Files.readAllBytes(service.dataFile()))); // the loop stands still here, if briefly
    } catch (IOException e) {
      ctx.fail(e);
    }
  }

  void cpu(RoutingContext ctx) {
    Call call = service.call(Endpoint.CPU);
    int work = Query.work(ctx.request().query());
    json(ctx, offloaded(ctx, work).map(done -> call.cpu(work, done)));
  }

  void cpuInline(RoutingContext ctx) {
    Call call = service.call(Endpoint.CPU_INLINE);
    int work = Query.work(ctx.request().query());
    json(ctx, call.cpu(work, service.cpu().inline(work))); // the loop does nothing else meanwhile
  }

  void mixed(RoutingContext ctx) {
    Call call = service.call(Endpoint.MIXED);
    Query.Mixed asked = Query.mixed(ctx.request().query());
    json(
        ctx,
        upstream
            .call(asked.waitMs(), cancellation(ctx))
            .compose(
                answer ->
                    offloaded(ctx, asked.work()).map(done -> call.mixed(asked, answer, done))));
  }

  void fanout(RoutingContext ctx) {
    Call call = service.call(Endpoint.FANOUT);
    FanOut asked = Query.fanOut(ctx.request().query());
    json(ctx, upstream.fanOut(asked, cancellation(ctx)).map(tally -> call.fanOut(asked, tally)));
  }

  void aggregate(RoutingContext ctx) {
    Call call = service.call(Endpoint.AGGREGATE);
    Aggregate asked =
        Query.aggregate(Endpoint.AGGREGATE.parameter(ctx.request().path()), ctx.request().query());
    json(
        ctx,
        upstream
            .aggregate(asked, cancellation(ctx))
            .map(gathered -> call.aggregate(asked, gathered)));
  }

  void submitTask(RoutingContext ctx) {
    Query.none(ctx.request().query());
    Buffer body = BodyReader.body(ctx);
    TaskQueue.Accepted accepted =
        service
            .tasks()
            .submit(
                TaskRequest.of(
                    body.getBytes(),
                    ctx.request().getHeader("Content-Type"),
                    ctx.request().headers().getAll("Idempotency-Key")));
    ctx.response().putHeader("Location", accepted.location());
    json(ctx, accepted.status(), accepted.task());
  }

  void task(RoutingContext ctx) {
    Query.none(ctx.request().query());
    json(ctx, service.tasks().get(Endpoint.TASK.parameter(ctx.request().path())));
  }

  void tasks(RoutingContext ctx) {
    json(ctx, service.tasks().list(Query.tasksListed(ctx.request().query())));
  }

  void stream(RoutingContext ctx) {
    Query.Stream query = Query.stream(ctx.request().query());
    head(ctx.request(), EventStream.CONTENT_TYPE)
        .putHeader(HttpHeaders.CACHE_CONTROL, NO_STORE)
        .setChunked(true);
    Context loop = ctx.vertx().getOrCreateContext();
    EventStream stream =
        service
            .streams()
            .open(
                query,
                (InetSocketAddress) channel(ctx.request()).localAddress(),
                (InetSocketAddress) channel(ctx.request()).remoteAddress(),
                woken -> loop.runOnContext(_ -> writeEvent(ctx.request(), woken)),
                () -> ExactHeads.cut(ctx.request().connection()));
    ctx.addEndHandler(
        _ -> {
          stream.close();
          if (!isHttp2(ctx.request())) {
            ExactHeads.peer(ctx.request().connection()).requestEnds();
          }
        });
    writeEvent(ctx.request(), stream);
  }

  void race(RoutingContext ctx) {
    Call call = service.call(Endpoint.RACE);
    Race race = Query.race(ctx.request().query());
    List<Future<Void>> tasks = new ArrayList<>();
    Future<Void> turn = Future.succeededFuture();
    for (int task = 0; task < race.tasks(); task++) {
      turn = race.safe() ? turn.compose(_ -> raise(ctx, race)) : raise(ctx, race);
      tasks.add(turn);
    }
    json(ctx, Future.all(tasks).map(_ -> call.race(race)));
  }

  void echo(RoutingContext ctx) {
    Call call = service.call(Endpoint.ECHO);
    Query.none(ctx.request().query());
    Buffer body = BodyReader.body(ctx);
    call.headers().forEach(ctx.response()::putHeader);
    send(ctx.request(), 200, MediaTypes.echoed(ctx.request().getHeader("Content-Type")), body);
  }

  void openApi(RoutingContext ctx) {
    Query.none(ctx.request().query());
    send(ctx.request(), 200, MediaTypes.YAML, Buffer.buffer(service.openApi()));
  }

  void docs(RoutingContext ctx) {
    Query.none(ctx.request().query());
    Docs.Answer docs = Docs.answer(ctx.request().path(), ctx.request().getHeader("If-None-Match"));
    docs.headers().forEach(ctx.response()::putHeader);
    send(ctx.request(), docs.status(), docs.contentType(), buffer(docs.body()));
  }

  void live(RoutingContext ctx) {
    json(ctx, service.live());
  }

  void ready(RoutingContext ctx) {
    json(ctx, service.ready());
  }

  /** Before every handler: admission, metrics, the census. */
  void begin(RoutingContext ctx) {
    if (ExactHeads.isRefused(ctx.request().connection())) {
      return; // it came behind what ended the connection
    }
    if (!isHttp2(ctx.request()) && ctx.response().writeQueueFull()) {
      whenEarlierAnswersAreTaken(ctx);
      return;
    }
    Traffic.Request request =
        service
            .traffic()
            .begin(
                ctx.request().method().name(),
                ctx.request().path(),
                ctx.request().headers()::getAll);
    ctx.put(REQUEST, request);
    ctx.addEndHandler(ended -> end(ctx.response(), request, ended.failed()));
    if (isHttp2(ctx.request())) {
      refuseAmbiguous(ctx.request());
    }
    refuseTooMuch(ctx.request());
    Endpoint endpoint =
        request.admit(ctx.request().path(), isHttp2(ctx.request()), () -> client(ctx.request()));
    request.headers().forEach(ctx.response()::putHeader);
    if (endpoint.isHealth()) {
      ctx.next();
      return;
    }
    try (var _ = service.census().enter()) {
      ctx.next();
    }
  }

  /** A client that only asks and never reads must not have its answers pile up here. */
  private void whenEarlierAnswersAreTaken(RoutingContext ctx) {
    ctx.request().pause();
    ctx.response()
        .drainHandler(
            _ -> {
              ctx.response().drainHandler(null);
              try {
                begin(ctx);
              } catch (RuntimeException e) {
                ctx.fail(e); // nobody else would, outside of the router
              }
              ctx.request().resume(); // now that somebody takes its body
            });
  }

  /** Whatever a handler threw or a future failed with, as a problem document. */
  void fail(RoutingContext ctx) {
    if (hasGone(ctx)) {
      return; // which is no failure of ours
    }
    problem(
        ctx.request(),
        switch (ctx.statusCode()) {
          case 400 -> Problems.notHttp();
          case 404 -> Problems.notFound(ctx.request().path()); // a target that is no path
          case 408 -> Problems.bodyTimeout(service.settings().requestTimeoutMs());
          case 413 -> Problems.bodyTooLarge();
          default -> Failures.of(ctx.failure(), span(ctx));
        });
  }

  /** A client that resets its connection within a body is seen as an input that fails. */
  private static boolean hasGone(RoutingContext ctx) {
    return ctx.response().closed()
        || ctx.failure() instanceof ClientGoneException
        || ctx.failure() instanceof HttpClosedException
        || ctx.failure() instanceof StreamResetException
        || ctx.failure() instanceof Http2Exception
        || ctx.failure() instanceof IOException && !ctx.request().isEnded();
  }

  /** A request that never became one: too long, or no HTTP. */
  void invalid(HttpServerRequest request) {
    Throwable cause = request.decoderResult().cause();
    problem(
        request,
        switch (cause) {
          case TooLongHttpLineException _ -> Problems.requestLineTooLong();
          case TooLongHttpHeaderException _ -> Problems.headersTooLarge();
          case ProblemException problem -> problem;
          case null, default -> Problems.notHttp();
        });
  }

  private static ClientAddress client(HttpServerRequest request) {
    return new ClientAddress(
        request.remoteAddress().hostAddress(), request.headers().getAll("X-Forwarded-For"));
  }

  /** A CPU worker computes; what comes of it comes back to this request's loop. */
  private Future<CpuWork.Done> offloaded(RoutingContext ctx, int work) {
    return Future.fromCompletionStage(
        service.cpu().offloaded(work), ctx.vertx().getOrCreateContext());
  }

  /** All on one thread, and yet others run between reading and writing. */
  private static Future<Void> raise(RoutingContext ctx, Race race) {
    int seen = race.read();
    return ctx.vertx()
        .timer(Race.SUSPEND_MS, TimeUnit.MILLISECONDS)
        .onSuccess(_ -> race.write(seen + 1));
  }

  /** The loop reads every connection all the time, so it sees a client hang up at once. */
  private static void end(HttpServerResponse response, Traffic.Request request, boolean broken) {
    if (broken && !response.ended()) {
      request.clientGone();
    }
    request.end(response.getStatusCode());
  }

  private static ServerSpan span(RoutingContext ctx) {
    Traffic.Request request = ctx.get(REQUEST);
    return request == null ? ServerSpan.NONE : request.span();
  }

  private static Cancellation cancellation(RoutingContext ctx) {
    return ctx.<Traffic.Request>get(REQUEST).cancellation();
  }

  private static boolean isHttp2(HttpServerRequest request) {
    return request.version() == HttpVersion.HTTP_2;
  }

  /** What {@link ExactHeads} does for HTTP/1.1. */
  private static void refuseAmbiguous(HttpServerRequest request) {
    MultiMap headers = request.headers();
    int bytes = 0;
    for (Map.Entry<String, String> header : headers) {
      bytes += header.getKey().length() + header.getValue().length() + 4; // colon, space, CR, LF
    }
    if (bytes > Limits.HEADER_BYTES) {
      throw Problems.headersTooLarge();
    }
    if (headers.size() > Limits.HEADER_FIELDS) {
      throw Problems.tooManyHeaders();
    }
    RequestHead.checkHttp2(
        request.method().name(),
        request.uri(),
        "",
        request.authority() == null ? List.of() : List.of(request.authority().toString()),
        headers.getAll(HttpHeaders.CONTENT_LENGTH),
        headers.getAll(HttpHeaders.TRANSFER_ENCODING));
  }

  private static void refuseTooMuch(HttpServerRequest request) {
    String length = request.getHeader("Content-Length");
    if (length != null && Long.parseLong(length) > Limits.BODY_BYTES) {
      throw Problems.bodyTooLarge();
    }
  }

  private void writeEvent(HttpServerRequest request, EventStream stream) {
    HttpServerResponse response = request.response();
    if (stream.isOver() || response.writeQueueFull()) {
      return; // over, or woken while a slow reader is waited for
    }
    response.write(buffer(stream.next()));
    if (stream.isOver()) {
      closeIfDraining(request, response.end());
    } else if (response.writeQueueFull()) {
      response.drainHandler(_ -> writeWhenDue(request, stream));
    } else {
      writeWhenDue(request, stream);
    }
  }

  /** A turn of the loop for each event, even one due at once: others have theirs between. */
  private void writeWhenDue(HttpServerRequest request, EventStream stream) {
    Vertx vertx = Vertx.currentContext().owner();
    long waitMs = stream.waitMs();
    if (waitMs == 0) {
      vertx.runOnContext(_ -> writeEvent(request, stream));
    } else {
      vertx.setTimer(waitMs, _ -> writeEvent(request, stream));
    }
  }

  private static Channel channel(HttpServerRequest request) {
    return ((ConnectionBase) request.connection()).channelHandlerContext().channel();
  }

  private void problem(HttpServerRequest request, ProblemException e) {
    service.limits().refused(e);
    e.headers().forEach(request.response()::putHeader);
    if (isHttp2(request)) {
      request.response().headers().remove(HttpHeaders.CONNECTION); // RFC 9113, 8.2.2
    } else if (e.closesConnection()) {
      ExactHeads.refuse(request.connection());
    }
    // Over HTTP/2 Vert.x would send a body in answer to HEAD.
    boolean toHead = isHttp2(request) && request.method() == HttpMethod.HEAD;
    Buffer document = toHead ? Buffer.buffer() : buffer(e.document());
    send(request, e.problem().status(), Problem.CONTENT_TYPE, document)
        .onComplete(_ -> closeAfter(e, request));
  }

  /** Vert.x would keep the connection open until the rest of the request has come. */
  private static void closeAfter(ProblemException e, HttpServerRequest request) {
    if (e.closesConnection() && isHttp2(request)) {
      // Not at once: a client that is still sending may forget the answer over it, as curl does.
      Vertx.currentContext()
          .owner()
          .setTimer(LAST_WORDS_MS, _ -> request.response().reset(Http2Error.NO_ERROR.code()));
    } else if (e.closesConnection()) {
      request.connection().close();
    }
  }

  /** Its document is made before anybody listens: what a listener throws, no client would hear. */
  private void json(RoutingContext ctx, Future<?> result) {
    result
        .map(Json::bytes)
        .onSuccess(document -> document(ctx, 200, document))
        .onFailure(ctx::fail);
  }

  private void json(RoutingContext ctx, Object result) {
    json(ctx, 200, result);
  }

  private void json(RoutingContext ctx, int status, Object result) {
    document(ctx, status, Json.bytes(result));
  }

  private void document(RoutingContext ctx, int status, byte[] json) {
    ctx.response().putHeader(HttpHeaders.CACHE_CONTROL, NO_STORE);
    send(ctx.request(), status, JSON, buffer(json));
  }

  private Future<Void> send(
      HttpServerRequest request, int status, CharSequence contentType, Buffer body) {
    HttpServerResponse response = request.response();
    if (response.ended() || response.closed()) {
      return Future.succeededFuture(); // the client has gone
    }
    Future<Void> sent = end(head(request, contentType).setStatusCode(status), body);
    watch(request, sent);
    closeIfDraining(request, sent);
    return sent;
  }

  /** Until the client has taken its answer. */
  private void watch(HttpServerRequest request, Future<Void> sent) {
    if (isHttp2(request)) {
      service
          .slowPeers()
          .answerBegins(() -> !sent.isComplete(), () -> Http2.end(request.connection()));
      return;
    }
    ConnectionReaper.Peer peer = ExactHeads.peer(request.connection());
    peer.answerBegins();
    sent.onComplete(
        _ -> {
          peer.answerEnds();
          peer.requestEnds();
        });
  }

  /** A long one leaves as the client takes it, for what is written is copied out of the heap. */
  private static Future<Void> end(HttpServerResponse response, Buffer body) {
    if (body.length() <= Limits.PIECE_BYTES) {
      return response.end(body);
    }
    response.putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length()));
    response.setWriteQueueMaxSize(Limits.PIECE_BYTES);
    Promise<Void> sent = Promise.promise();
    writePieces(response, body, 0, sent);
    return sent.future();
  }

  private static void writePieces(
      HttpServerResponse response, Buffer body, int from, Promise<Void> sent) {
    int next = from;
    while (body.length() - next > Limits.PIECE_BYTES && !response.writeQueueFull()) {
      response.write(body.slice(next, next + Limits.PIECE_BYTES));
      next += Limits.PIECE_BYTES;
    }
    if (body.length() - next <= Limits.PIECE_BYTES) {
      response.end(body.slice(next, body.length())).onComplete(sent);
    } else {
      int rest = next;
      response.drainHandler(_ -> writePieces(response, body, rest, sent));
    }
  }

  private HttpServerResponse head(HttpServerRequest request, CharSequence contentType) {
    HttpServerResponse response = request.response();
    if (service.traffic().draining() && !isHttp2(request)) {
      response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    }
    if (!response.headers().contains(POLICY)) {
      response.putHeader(POLICY, NOTHING);
    }
    SECURITY.forEach(field -> response.putHeader(field.getKey(), field.getValue()));
    return response.putHeader(HttpHeaders.CONTENT_TYPE, contentType);
  }

  /** Of HTTP/1.1 Vert.x only says that it will. */
  private void closeIfDraining(HttpServerRequest request, Future<Void> sent) {
    if (service.traffic().draining() && isHttp2(request)) {
      request.connection().shutdown(Launcher.Listener.patience(service.settings())); // GOAWAY
    } else if (service.traffic().draining()) {
      sent.onComplete(_ -> request.connection().close());
    }
  }

  /** Without the copy that {@link Buffer#buffer(byte[])} makes. */
  private static Buffer buffer(byte[] bytes) {
    return BufferInternal.buffer(Unpooled.wrappedBuffer(bytes));
  }
}
