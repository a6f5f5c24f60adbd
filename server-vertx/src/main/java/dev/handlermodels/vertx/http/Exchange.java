package dev.handlermodels.vertx.http;

import dev.handlermodels.api.Endpoint;
import dev.handlermodels.api.Json;
import dev.handlermodels.api.ProblemException;
import dev.handlermodels.api.Query;
import dev.handlermodels.api.admission.Cancellation;
import dev.handlermodels.api.admission.ClientAddress;
import dev.handlermodels.api.admission.ClientGoneException;
import dev.handlermodels.api.admission.Failures;
import dev.handlermodels.api.admission.Traffic;
import dev.handlermodels.api.chat.Handshake;
import dev.handlermodels.api.chat.Member;
import dev.handlermodels.api.launch.Launcher;
import dev.handlermodels.api.launch.Service;
import dev.handlermodels.api.telemetry.ServerSpan;
import dev.handlermodels.api.wire.ConnectionReaper;
import dev.handlermodels.api.work.EventStream;
import dev.handlermodels.api.work.FileAnswer;
import dev.handlermodels.api.work.StaticFile;
import dev.handlermodels.api.work.TaskStore;
import dev.handlermodels.vertx.wire.Http2;
import dev.handlermodels.vertx.wire.StrictHeadDecoder;
import dev.handlermodels.vertx.wire.WebSocketFilter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.vertx.core.Context;
import io.vertx.core.Future;
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
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;

/** One request and its answer. It lives on one event loop, and none of its methods waits. */
public final class Exchange {
  private static final int LAST_WORDS_MS = 1000;

  private final Service service;
  private final Vertx vertx;
  private final DateField date;
  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private final boolean http2;

  /** Null over HTTP/2. */
  private final StrictHeadDecoder heads;

  /** Null until it is counted, and for bytes that never became a request. */
  private Traffic.Request counted;

  /** Null until it is whole, and where the endpoint takes none. */
  private byte[] body;

  /** What else is to be done when the answer has ended, well or not. */
  private Runnable atEnd = () -> {};

  private boolean failed;
  private boolean over;

  Exchange(Service service, Vertx vertx, DateField date, HttpServerRequest request) {
    this.service = service;
    this.vertx = vertx;
    this.date = date;
    this.request = request;
    this.response = request.response();
    this.http2 = request.version() == HttpVersion.HTTP_2;
    this.heads = http2 ? null : StrictHeadDecoder.of(request.connection());
  }

  /** The path as it came, not decoded. */
  public String path() {
    return request.path();
  }

  /** The query as it came, not decoded; null where there is none. */
  public String query() {
    return request.query();
  }

  /** The whole body, which has been read before the handler begins. */
  public byte[] body() {
    return body;
  }

  /** The request's Content-Type, null where it has none. */
  public String contentType() {
    return request.getHeader(HttpHeaders.CONTENT_TYPE);
  }

  /** All values of Idempotency-Key; empty where there is none. */
  public List<String> idempotencyKeys() {
    return request.headers().getAll("Idempotency-Key");
  }

  /** All values of If-Match; empty where there is none. */
  private List<String> ifMatch() {
    return request.headers().getAll("If-Match");
  }

  /** All values of If-None-Match; empty where there is none. */
  private List<String> ifNoneMatch() {
    return request.headers().getAll(HttpHeaders.IF_NONE_MATCH);
  }

  /** Cancelled when the client hangs up, which the loop sees because it reads all connections. */
  public Cancellation cancellation() {
    return counted.cancellation();
  }

  /**
   * Reserves memory for so many calls or tasks at once, until the request has ended.
   *
   * @throws ProblemException 503 where there is none
   */
  public void reserveCalls(int calls) {
    counted.begins(calls);
  }

  /** Answers 200 with this result as JSON, which no cache may keep. */
  public void json(Object result) {
    document(200, written(result));
  }

  /**
   * Answers the same when the result is there, or a problem when it has failed. It makes the JSON
   * inside {@code map}, because Vert.x drops what a listener throws.
   */
  public void json(Future<?> result) {
    result.map(this::written).onSuccess(document -> document(200, document)).onFailure(this::fail);
  }

  /** Answers with the task as JSON and with its Location: 202, or 200 for a known key. */
  public void accepted(Future<TaskStore.Accepted> accepted) {
    accepted.onSuccess(this::accepted).onFailure(this::fail);
  }

  private void accepted(TaskStore.Accepted accepted) {
    response.putHeader(HttpHeaders.LOCATION, accepted.location());
    document(accepted.status(), written(accepted.task()));
  }

  /** Answers 200 with these bytes and these additional header fields. */
  public void content(String contentType, Map<String, String> headers, byte[] content) {
    counted.answers(content.length);
    headers(headers);
    sendIfOpen(200, contentType, content);
  }

  /** Answers with a file of a page, or says that the client has it already. */
  public void file(StaticFile file) {
    FileAnswer answer = file.answer(ifMatch(), ifNoneMatch());
    headers(answer.headers());
    sendIfOpen(answer.status(), answer.contentType(), answer.body());
  }

  /** Answers with events: the loop runs now, and again whenever one is due. */
  public void stream(Query.Stream asked, EventWriter.Loop loop) {
    AnswerHeaders.noStore(response.headers());
    headers(EventStream.UNBUFFERED);
    head(AnswerHeaders.EVENT_STREAM);
    if (isHead()) {
      leaves(response.end());
      return;
    }
    response.setChunked(true);
    StreamAnswer answer = new StreamAnswer(vertx, response, loop, this::closeIfDraining);
    Context context = vertx.getOrCreateContext();
    var events =
        service
            .streams()
            .open(
                asked,
                (InetSocketAddress) channel().localAddress(),
                (InetSocketAddress) channel().remoteAddress(),
                _ -> answer.callAgainOn(context),
                () -> StrictHeadDecoder.reset(request.connection()));
    atEnd(
        () -> {
          events.close();
          if (!http2) {
            heads.answered();
            heads.peer().requestEnds();
          }
        });
    answer.begin(events);
  }

  /** Becomes a WebSocket: the loop calls the listener for each message of this client. */
  public void chat(Query.Chat asked, Member.Listener listener) {
    Handshake.check(
        request.method().name(),
        request.version() == HttpVersion.HTTP_1_1,
        http2,
        request.headers()::getAll,
        service.settings().chat());
    Member member = service.chat().admit(asked, listener);
    request.headers().set(HttpHeaders.UPGRADE, "websocket"); // whatever else it offers
    WebSocketFilter filter = WebSocketFilter.insert(channel(), heads.upgrades());
    request
        .toWebSocket()
        .onSuccess(
            socket -> {
              ended(false);
              new ChatSocket(vertx.getOrCreateContext(), socket, filter, member).open(heads.peer());
            })
        .onFailure(
            _ -> {
              member.left();
              ended(true);
              request.connection().close();
            });
  }

  /** Answers OPTIONS: the fields of the head say all. */
  void noContent() {
    head(null);
    leaves(response.setStatusCode(204).end());
  }

  private boolean isHead() {
    return request.method() == HttpMethod.HEAD;
  }

  /** Answers with a problem document, whatever a handler threw or a future failed with. */
  void fail(Throwable failure) {
    boolean first = !failed;
    failed = true;
    if (first && !hasGone(failure)) {
      problem(Failures.of(failure, counted == null ? ServerSpan.NONE : counted.span()));
    }
  }

  /** Fails the request. Vert.x reports a client's reset within a body as an IOException. */
  void failBody(Throwable failure) {
    fail(failure instanceof IOException ? new ClientGoneException() : failure);
  }

  /** A part of the body has come and is kept. */
  void keepsBody(int bytes) {
    counted.keepsBody(bytes);
  }

  boolean hasFailed() {
    return failed;
  }

  private boolean hasGone(Throwable failure) {
    return response.closed()
        || failure instanceof ClientGoneException
        || failure instanceof HttpClosedException
        || failure instanceof StreamResetException
        || failure instanceof Http2Exception;
  }

  /** Whether an earlier answer on this connection closes it. */
  boolean isBehindEnd() {
    return !http2 && heads.isRefused();
  }

  /** Whether the client does not take the answers before this one. */
  boolean mustWait() {
    return !http2 && response.writeQueueFull();
  }

  /**
   * Begins the request when the client has taken the earlier answers. The answers of a client that
   * never reads would fill the memory.
   */
  void whenEarlierAnswersAreTaken(Runnable then) {
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
  Endpoint admit() {
    RequestHeads.checkAddress(request);
    counted =
        service.traffic().begin(request.method().name(), request.path(), request.headers()::getAll);
    response
        .endHandler(_ -> ended(false))
        .exceptionHandler(_ -> ended(true))
        .closeHandler(_ -> ended(true));
    if (response.closed()) {
      ended(true); // no handler will be called any more
      throw new ClientGoneException();
    }
    RequestHeads.check(request, http2);
    Endpoint endpoint = counted.admit(request.path(), this::client);
    headers(counted.headers());
    return endpoint;
  }

  private void ended(boolean broken) {
    if (over) {
      return;
    }
    over = true;
    atEnd.run();
    if (broken && !response.ended()) {
      counted.clientGone();
    }
    counted.end(response.getStatusCode());
  }

  void atEnd(Runnable then) {
    Runnable before = atEnd;
    atEnd =
        () -> {
          then.run();
          before.run();
        };
  }

  /** Calls the handler when the body is whole. */
  void readBody(Runnable handler) {
    new BodyReader(this, request, vertx, service.settings().requestTimeoutMs())
        .read(
            whole -> {
              body = whole;
              handler.run();
            });
  }

  private ClientAddress client() {
    return new ClientAddress(
        request.remoteAddress().hostAddress(), request.headers().getAll("X-Forwarded-For"));
  }

  private void headers(Map<String, String> fields) {
    fields.forEach(response::putHeader);
  }

  /** Answers with a problem document. */
  void problem(ProblemException e) {
    service.limits().refused(e);
    if (!isOpen()) {
      return;
    }
    if (response.headWritten()) {
      response.reset(); // it is too late to say why
      return;
    }
    headers(e.headers());
    // Not one refusal for each request that was sent ahead.
    boolean closes = e.closesConnection() || !http2 && e.isRefusal() && heads.isSentAhead();
    if (http2) {
      response.headers().remove(HttpHeaders.CONNECTION); // RFC 9113, 8.2.2
    } else if (closes) {
      response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
      heads.refuse();
    }
    Future<Void> sent = send(e.problem().status(), AnswerHeaders.PROBLEM, e.document());
    if (closes) {
      sent.onComplete(_ -> close());
    }
  }

  /** Vert.x would keep the connection open until the rest of the request has come. */
  private void close() {
    if (http2) {
      // Not at once: a client that is still sending may forget the answer over it, as curl does.
      vertx.setTimer(LAST_WORDS_MS, _ -> response.reset(Http2Error.NO_ERROR.code()));
    } else {
      request.connection().close();
    }
  }

  /** False where it is answered already, or the client has gone. */
  private boolean isOpen() {
    return !response.ended() && !response.closed();
  }

  private byte[][] written(Object result) {
    byte[][] json = Json.parts(result);
    counted.answers(json[0].length); // all requests share a second part
    return json;
  }

  private void document(int status, byte[]... json) {
    if (isOpen()) {
      AnswerHeaders.noStore(response.headers());
      send(status, AnswerHeaders.JSON, json);
    }
  }

  private void sendIfOpen(int status, String contentType, byte[] content) {
    if (isOpen()) {
      send(status, contentType, content);
    }
  }

  private Future<Void> send(int status, CharSequence contentType, byte[]... content) {
    head(contentType);
    response.setStatusCode(status);
    Buffer body = buffer(content);
    return leaves(isHead() ? headOnly(body.length()) : PiecewiseAnswer.send(response, body));
  }

  /** Says how long the body of GET is (RFC 9110, 8.6), which Vert.x leaves out. */
  private Future<Void> headOnly(int length) {
    response.putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(length));
    return response.end();
  }

  /** The answer is on its way: its client may be slow, and the server may be shutting down. */
  private Future<Void> leaves(Future<Void> sent) {
    watch(sent);
    closeIfDraining(sent);
    return sent;
  }

  /** Tells the reaper when the answer begins and when the client has taken it. */
  private void watch(Future<Void> sent) {
    if (http2) {
      service
          .slowPeers()
          .answerBegins(() -> !sent.isComplete(), () -> Http2.end(request.connection()));
      return;
    }
    ConnectionReaper.Peer peer = heads.peer();
    peer.answerBegins();
    boolean isWhole = response.ended();
    if (isWhole) {
      heads.answered();
    }
    sent.onComplete(
        _ -> {
          if (!isWhole) {
            heads.answered();
          }
          peer.answerEnds();
          peer.requestEnds();
        });
  }

  /**
   * @param contentType null for none
   */
  private void head(CharSequence contentType) {
    if (service.traffic().draining() && !http2) {
      response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    }
    date.addTo(response.headers());
    AnswerHeaders.secure(response.headers());
    if (contentType != null) {
      response.putHeader(HttpHeaders.CONTENT_TYPE, contentType);
    }
  }

  /** Closes the connection while draining. Vert.x says that it will close, and does not. */
  private void closeIfDraining(Future<Void> sent) {
    if (service.traffic().draining() && http2) {
      request.connection().shutdown(Launcher.Listener.patience(service.settings())); // GOAWAY
    } else if (service.traffic().draining()) {
      sent.onComplete(_ -> request.connection().close());
    }
  }

  private Channel channel() {
    return ((ConnectionBase) request.connection()).channelHandlerContext().channel();
  }

  /**
   * Without the copy that {@link Buffer#buffer(byte[])} makes. More than one part becomes a buffer
   * that cannot grow, which allocates less than Netty's CompositeByteBuf.
   */
  static Buffer buffer(byte[]... parts) {
    ByteBuf[] wrapped = new ByteBuf[parts.length];
    for (int i = 0; i < parts.length; i++) {
      wrapped[i] = Unpooled.wrappedBuffer(parts[i]);
    }
    return BufferInternal.buffer(
        wrapped.length == 1 ? wrapped[0] : Unpooled.wrappedUnmodifiableBuffer(wrapped));
  }
}
