package dev.handlermodels.vertx.http;

import dev.handlermodels.api.Endpoint;
import dev.handlermodels.api.Json;
import dev.handlermodels.api.Limits;
import dev.handlermodels.api.Problem;
import dev.handlermodels.api.ProblemException;
import dev.handlermodels.api.Problems;
import dev.handlermodels.api.Query;
import dev.handlermodels.api.SecurityHeaders;
import dev.handlermodels.api.admission.Cancellation;
import dev.handlermodels.api.admission.ClientAddress;
import dev.handlermodels.api.admission.ClientGoneException;
import dev.handlermodels.api.admission.Failures;
import dev.handlermodels.api.admission.Traffic;
import dev.handlermodels.api.launch.Launcher;
import dev.handlermodels.api.launch.Service;
import dev.handlermodels.api.telemetry.ServerSpan;
import dev.handlermodels.api.wire.Bodies;
import dev.handlermodels.api.wire.ConnectionReaper;
import dev.handlermodels.api.wire.RequestHead;
import dev.handlermodels.api.work.EventStream;
import dev.handlermodels.vertx.wire.ExactHeads;
import dev.handlermodels.vertx.wire.Http2;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
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
import io.vertx.core.internal.http.HttpServerRequestInternal;
import io.vertx.core.net.impl.ConnectionBase;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;

/**
 * One request and its answer. A handler asks it for the query and the body and gives it a result, a
 * future of one, or a failure; all about HTTP happens here. Not for use by two threads at once: it
 * lives on the event loop of its connection.
 */
public final class Exchange {
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

  private static final int LAST_WORDS_MS = 1000;

  private final Service service;
  private final Vertx vertx;
  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private final boolean http2;

  /** Null until it is counted, and for what never became a request. */
  private Traffic.Request traffic;

  /** What has come of the body; null where it is not read, and when it is whole. */
  private Buffer parts;

  /** Null until it is whole, and where the endpoint takes none. */
  private byte[] body;

  /** What else is to be done when the answer has ended, well or not. */
  private Runnable atEnd = () -> {};

  private boolean failed;
  private boolean over;

  public Exchange(Service service, Vertx vertx, HttpServerRequest request) {
    this.service = service;
    this.vertx = vertx;
    this.request = request;
    this.response = request.response();
    this.http2 = request.version() == HttpVersion.HTTP_2;
  }

  /** The path as it came, without the query. */
  public String path() {
    return request.path();
  }

  /** Null where there is none. */
  public String query() {
    return request.query();
  }

  /** Null where there is none. */
  public String header(String name) {
    return request.getHeader(name);
  }

  public List<String> headers(String name) {
    return request.headers().getAll(name);
  }

  /** The whole body, for an endpoint that takes one. */
  public byte[] body() {
    return body;
  }

  /** Cancelled when the client hangs up. */
  public Cancellation cancellation() {
    return traffic.cancellation();
  }

  public Vertx vertx() {
    return vertx;
  }

  /** The event loop of this request, to come back to. */
  public Context loop() {
    return vertx.getOrCreateContext();
  }

  /** A field of the answer to come. */
  public Exchange putHeader(String name, String value) {
    response.putHeader(name, value);
    return this;
  }

  public void json(Object result) {
    json(200, result);
  }

  public void json(int status, Object result) {
    document(status, Json.bytes(result));
  }

  /**
   * Answers when the result is there, or has failed. Its document is made before anybody listens:
   * no client would learn of what a listener throws.
   */
  public void json(Future<?> result) {
    result.map(Json::bytes).onSuccess(document -> document(200, document)).onFailure(this::fail);
  }

  private void document(int status, byte[] json) {
    if (isOpen()) {
      response.putHeader(HttpHeaders.CACHE_CONTROL, NO_STORE);
      send(status, JSON, buffer(json));
    }
  }

  public void send(int status, String contentType, byte[] body) {
    if (isOpen()) {
      send(status, contentType, buffer(body));
    }
  }

  /** Whatever a handler threw or a future failed with, as a problem document. */
  public void fail(Throwable failure) {
    boolean first = !failed;
    failed = true;
    if (first && !hasGone(failure)) {
      refuse(Failures.of(failure, traffic == null ? ServerSpan.NONE : traffic.span()));
    }
  }

  /** A client that resets its connection within a body is seen as an input that fails. */
  private boolean hasGone(Throwable failure) {
    return response.closed()
        || failure instanceof ClientGoneException
        || failure instanceof HttpClosedException
        || failure instanceof StreamResetException
        || failure instanceof Http2Exception
        || failure instanceof IOException && !request.isEnded();
  }

  /** Answers a request that never became one: too long, or no HTTP. */
  public void failInvalid() {
    Throwable cause = request.decoderResult().cause();
    refuse(
        switch (cause) {
          case TooLongHttpLineException _ -> Problems.requestLineTooLong();
          case TooLongHttpHeaderException _ -> Problems.headersTooLarge();
          case ProblemException problem -> problem;
          case null, default -> Problems.notHttp();
        });
  }

  /** Whether it came behind what ended the connection. */
  public boolean isRefused() {
    return !http2 && ExactHeads.isRefused(request.connection());
  }

  /** Whether the client does not take the answers before this one. */
  public boolean mustWait() {
    return !http2 && response.writeQueueFull();
  }

  /** A client that only asks and never reads must not have its answers pile up here. */
  public void whenEarlierAnswersAreTaken(Runnable then) {
    request.pause();
    response.drainHandler(
        _ -> {
          response.drainHandler(null);
          then.run();
          request.resume(); // now that somebody takes its body
        });
  }

  /**
   * Counts the request, from here until its answer has ended, and lets it through to its handler.
   *
   * @throws ProblemException where it is refused
   */
  public Endpoint admit() {
    if (!isAddressed()) {
      throw Problems.notHttp();
    }
    traffic =
        service.traffic().begin(request.method().name(), request.path(), request.headers()::getAll);
    response
        .endHandler(_ -> ended(false))
        .exceptionHandler(_ -> ended(true))
        .closeHandler(_ -> ended(true));
    if (http2) {
      refuseAmbiguous();
    }
    refuseTooMuch();
    Endpoint endpoint = traffic.admit(request.path(), http2, this::client);
    traffic.headers().forEach(response::putHeader);
    return endpoint;
  }

  /** Whether it names a host and a path. Vert.x lets a port pass that is none. */
  private boolean isAddressed() {
    return request.path() != null
        && !request.path().isEmpty()
        && (request.version() == HttpVersion.HTTP_1_0
            || ((HttpServerRequestInternal) request).isValidAuthority());
  }

  /** Runs a handler, after its endpoint's body has been read. */
  public void run(Endpoint endpoint, Handler<Exchange> handler) {
    if (endpoint.takesBody()) {
      readBody(handler);
    } else {
      handler.handle(this);
    }
  }

  /** The loop reads every connection all the time, so it sees a client hang up at once. */
  private void ended(boolean broken) {
    if (over) {
      return;
    }
    over = true;
    atEnd.run();
    if (broken && !response.ended()) {
      traffic.clientGone();
    }
    traffic.end(response.getStatusCode());
  }

  private void atEnd(Runnable then) {
    Runnable before = atEnd;
    atEnd =
        () -> {
          then.run();
          before.run();
        };
  }

  private ClientAddress client() {
    return new ClientAddress(
        request.remoteAddress().hostAddress(), request.headers().getAll("X-Forwarded-For"));
  }

  /** What {@link ExactHeads} does for HTTP/1.1. */
  private void refuseAmbiguous() {
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

  private void refuseTooMuch() {
    String length = request.getHeader("Content-Length");
    if (length != null && Long.parseLong(length) > Limits.BODY_BYTES) {
      throw Problems.bodyTooLarge();
    }
  }

  /**
   * Reads a body as it is, in time. Vert.x would decode a form, refuse one with a long field, and
   * keep nothing of its bytes.
   */
  private void readBody(Handler<Exchange> handler) {
    long deadline = vertx.setTimer(service.settings().requestTimeoutMs(), _ -> bodyIsLate());
    atEnd(() -> vertx.cancelTimer(deadline));
    String expect = request.getHeader(HttpHeaders.EXPECT);
    Bodies.check(expect, request.getHeader(HttpHeaders.CONTENT_ENCODING));
    if (expect != null && request.version() != HttpVersion.HTTP_1_0) {
      response.writeContinue();
    }
    parts = Buffer.buffer();
    request.handler(this::append).exceptionHandler(this::fail).endHandler(_ -> bodyEnded(handler));
  }

  private void bodyIsLate() {
    if (!request.isEnded()) {
      request.resume();
    }
    fail(Problems.bodyTimeout(service.settings().requestTimeoutMs()));
  }

  private void append(Buffer part) {
    if (failed) {
      return; // refused, but its client goes on
    }
    if (parts.length() + part.length() > Limits.BODY_BYTES) {
      fail(Problems.bodyTooLarge());
    } else {
      parts.appendBuffer(part);
    }
  }

  private void bodyEnded(Handler<Exchange> handler) {
    if (failed) {
      return;
    }
    body = parts.getBytes();
    parts = null;
    try {
      handler.handle(this);
    } catch (Throwable e) { // an Error, too: its client must not wait in vain
      fail(e);
    }
  }

  /** Server-sent events, no faster than the client reads. */
  public void stream(Query.Stream query) {
    head(EventStream.CONTENT_TYPE).putHeader(HttpHeaders.CACHE_CONTROL, NO_STORE).setChunked(true);
    Context loop = loop();
    EventStream stream =
        service
            .streams()
            .open(
                query,
                (InetSocketAddress) channel().localAddress(),
                (InetSocketAddress) channel().remoteAddress(),
                woken -> loop.runOnContext(_ -> writeEvent(woken)),
                () -> ExactHeads.cut(request.connection()));
    atEnd(
        () -> {
          stream.close();
          if (!http2) {
            ExactHeads.peer(request.connection()).requestEnds();
          }
        });
    writeEvent(stream);
  }

  private void writeEvent(EventStream stream) {
    if (stream.isOver() || response.writeQueueFull()) {
      return; // over, or woken while a slow reader is waited for
    }
    response.write(buffer(stream.next()));
    if (stream.isOver()) {
      closeIfDraining(response.end());
    } else if (response.writeQueueFull()) {
      response.drainHandler(_ -> writeWhenDue(stream));
    } else {
      writeWhenDue(stream);
    }
  }

  /** A turn of the loop for each event, even one due at once: others have theirs between. */
  private void writeWhenDue(EventStream stream) {
    long waitMs = stream.waitMs();
    if (waitMs == 0) {
      vertx.runOnContext(_ -> writeEvent(stream));
    } else {
      vertx.setTimer(waitMs, _ -> writeEvent(stream));
    }
  }

  private Channel channel() {
    return ((ConnectionBase) request.connection()).channelHandlerContext().channel();
  }

  private void refuse(ProblemException e) {
    service.limits().refused(e);
    if (!isOpen()) {
      return;
    }
    if (response.headWritten()) {
      response.reset(); // it is too late to say why
      return;
    }
    e.headers().forEach(response::putHeader);
    if (http2) {
      response.headers().remove(HttpHeaders.CONNECTION); // RFC 9113, 8.2.2
    } else if (e.closesConnection()) {
      ExactHeads.refuse(request.connection());
    }
    // Over HTTP/2 Vert.x would send a body in answer to HEAD.
    boolean toHead = http2 && request.method() == HttpMethod.HEAD;
    Buffer document = toHead ? Buffer.buffer() : buffer(e.document());
    send(e.problem().status(), Problem.CONTENT_TYPE, document).onComplete(_ -> closeAfter(e));
  }

  /** Vert.x would keep the connection open until the rest of the request has come. */
  private void closeAfter(ProblemException e) {
    if (e.closesConnection() && http2) {
      // Not at once: a client that is still sending may forget the answer over it, as curl does.
      vertx.setTimer(LAST_WORDS_MS, _ -> response.reset(Http2Error.NO_ERROR.code()));
    } else if (e.closesConnection()) {
      request.connection().close();
    }
  }

  /** False where it is answered already, or the client has gone. */
  private boolean isOpen() {
    return !response.ended() && !response.closed();
  }

  private Future<Void> send(int status, CharSequence contentType, Buffer body) {
    Future<Void> sent = end(head(contentType).setStatusCode(status), body);
    watch(sent);
    closeIfDraining(sent);
    return sent;
  }

  /** Until the client has taken its answer. */
  private void watch(Future<Void> sent) {
    if (http2) {
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

  private HttpServerResponse head(CharSequence contentType) {
    if (service.traffic().draining() && !http2) {
      response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    }
    if (!response.headers().contains(POLICY)) {
      response.putHeader(POLICY, NOTHING);
    }
    SECURITY.forEach(field -> response.putHeader(field.getKey(), field.getValue()));
    return response.putHeader(HttpHeaders.CONTENT_TYPE, contentType);
  }

  /** Of HTTP/1.1 Vert.x only says that it will. */
  private void closeIfDraining(Future<Void> sent) {
    if (service.traffic().draining() && http2) {
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
