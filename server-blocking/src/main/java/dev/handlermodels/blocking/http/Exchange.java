package dev.handlermodels.blocking.http;

import dev.handlermodels.api.Json;
import dev.handlermodels.api.Problem;
import dev.handlermodels.api.ProblemException;
import dev.handlermodels.api.Query;
import dev.handlermodels.api.admission.Cancellation;
import dev.handlermodels.api.admission.ClientAddress;
import dev.handlermodels.api.admission.ClientGoneException;
import dev.handlermodels.api.admission.Traffic;
import dev.handlermodels.api.chat.Handshake;
import dev.handlermodels.api.chat.Member;
import dev.handlermodels.api.launch.Service;
import dev.handlermodels.api.telemetry.ServerSpan;
import dev.handlermodels.api.work.EventStream;
import dev.handlermodels.api.work.FileAnswer;
import dev.handlermodels.api.work.StaticFile;
import dev.handlermodels.api.work.TaskStore;
import dev.handlermodels.blocking.wire.Connection;
import io.undertow.io.IoCallback;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.protocol.http.HttpContinue;
import io.undertow.util.HeaderMap;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.Methods;
import io.undertow.util.Protocols;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import org.xnio.IoUtils;
import org.xnio.channels.Channels;
import org.xnio.channels.StreamSinkChannel;

/** One request and its answer. Its methods run on the I/O thread, then on a pool thread. */
public final class Exchange {
  private static final HttpString IDEMPOTENCY_KEY = new HttpString("Idempotency-Key");

  /** All requests share it, because a stack trace would say nothing. */
  private static final ClientGoneException CLIENT_GONE = new ClientGoneException();

  private static final byte[] NO_CONTENT = {};

  private final Service service;
  private final HttpServerExchange undertow;
  private final Traffic.Request request;
  private final Connection connection;
  private final boolean http2;
  private final String query;
  private final Executor pool;

  /** Null until the body is whole. */
  private byte[] body;

  Exchange(Service service, HttpServerExchange undertow, Traffic.Request request, Executor pool) {
    this.service = service;
    this.undertow = undertow;
    this.request = request;
    this.connection = Connection.of(undertow);
    this.http2 = Connection.isHttp2(undertow);
    this.query = rawQuery(undertow);
    this.pool = pool;
    forgetParameters(undertow);
  }

  /** The raw path. */
  public String path() {
    return undertow.getRequestURI();
  }

  /** The raw query, empty where there is none. */
  public String query() {
    return query;
  }

  /** The whole body, which has been read before the handler begins. */
  public byte[] body() {
    return body;
  }

  /** Null where there is none. */
  public String contentType() {
    return undertow.getRequestHeaders().getFirst(Headers.CONTENT_TYPE);
  }

  /** The values of all fields of that name. */
  public List<String> idempotencyKeys() {
    return values(IDEMPOTENCY_KEY);
  }

  /** All values of If-Match; empty where there is none. */
  private List<String> ifMatch() {
    return values(Headers.IF_MATCH);
  }

  /** All values of If-None-Match; empty where there is none. */
  private List<String> ifNoneMatch() {
    return values(Headers.IF_NONE_MATCH);
  }

  /** Cancelled when the client disconnects. */
  public Cancellation cancellation() {
    return request.cancellation();
  }

  /**
   * Reserves memory for so many calls or tasks at once, until the request has ended.
   *
   * @throws ProblemException 503 where there is none
   */
  public void reserveCalls(int calls) {
    request.begins(calls);
  }

  /** Answers 200 with this result as JSON, which no cache may keep. */
  public void json(Object result) {
    json(200, result);
  }

  /** Answers with the task as JSON and with its Location: 202, or 200 for a known key. */
  public void accepted(TaskStore.Accepted accepted) {
    undertow.getResponseHeaders().put(Headers.LOCATION, accepted.location());
    json(accepted.status(), accepted.task());
  }

  /** Answers 200 with these bytes and these additional header fields. */
  public void content(String contentType, Map<String, String> headers, byte[] content) {
    request.answers(content.length);
    headers(headers);
    send(200, contentType, content, false);
  }

  /** Answers with a file of a page, or says that the client has it already. */
  public void file(StaticFile file) {
    FileAnswer answer = file.answer(ifMatch(), ifNoneMatch());
    headers(answer.headers());
    send(answer.status(), answer.contentType(), answer.body(), false);
  }

  /** Opens a stream, answers with what the loop writes, and closes the stream. */
  public void stream(Query.Stream asked, EventWriter.Loop loop) {
    headers(EventStream.UNBUFFERED);
    head(EventStream.CONTENT_TYPE).put(Headers.CACHE_CONTROL, Json.CACHE_CONTROL);
    try {
      StreamSinkChannel out = undertow.getResponseChannel();
      if (!undertow.getRequestMethod().equals(Methods.HEAD)) {
        write(asked, loop, out);
      }
      out.shutdownWrites();
      Channels.flushBlocking(out);
    } catch (IOException _) {
      breakOff(); // the client has gone
    }
  }

  /**
   * Becomes a WebSocket: the pool calls the listener for each message of this client. With
   * CHAT_THREAD_PER_CONNECTION the calling thread does, and waits here as long as the client stays.
   */
  public void chat(Query.Chat asked, Member.Listener listener) {
    Handshake.check(
        undertow.getRequestMethod().toString(),
        undertow.getProtocol().equals(Protocols.HTTP_1_1),
        http2,
        undertow.getRequestHeaders()::get,
        service.settings().chat());
    ChatSocket socket =
        ChatSocket.of(service.settings().chat(), service.chat().admit(asked, listener), pool);
    connection.becomes(socket);
    String key = undertow.getRequestHeaders().getFirst(Headers.SEC_WEB_SOCKET_KEY).strip();
    undertow
        .getResponseHeaders()
        .put(Headers.UPGRADE, "websocket")
        .put(Headers.SEC_WEB_SOCKET_ACCEPT, Handshake.accept(key));
    undertow.upgradeChannel((stream, _) -> socket.open(stream, connection));
    undertow.endExchange();
    socket.serve();
  }

  private void write(Query.Stream asked, EventWriter.Loop loop, StreamSinkChannel out)
      throws IOException {
    try (EventStream events = service.streams().open(asked, local(), peer());
        var _ = cancellation().onCancel(events::clientGone)) {
      loop.run(
          events,
          event -> {
            Channels.writeBlocking(out, ByteBuffer.wrap(event));
            Channels.flushBlocking(out);
          });
    }
  }

  /** Answers OPTIONS: the fields of the head say all. */
  void noContent() {
    send(204, null, NO_CONTENT, false);
  }

  HttpServerExchange undertow() {
    return undertow;
  }

  Connection connection() {
    return connection;
  }

  boolean isHttp2() {
    return http2;
  }

  ServerSpan span() {
    return request.span();
  }

  /** The address that a rate limit counts for. */
  ClientAddress client() {
    return new ClientAddress(
        undertow.getSourceAddress().getAddress().getHostAddress(), values(Headers.X_FORWARDED_FOR));
  }

  /** Counts bytes of the body that have come; throws 503 where there is no memory for them. */
  void keepsBody(int bytes) {
    request.keepsBody(bytes);
  }

  void body(byte[] whole) {
    body = whole;
  }

  /** Notes that the head is whole, and counts the request's end when it comes. */
  void begin() {
    connection.headEnds(undertow);
    undertow.addExchangeCompleteListener(
        (_, next) -> {
          connection.requestEnds(undertow);
          if (!undertow.isResponseStarted()) {
            request.clientGone(); // mostly within its body
          }
          request.end(undertow.getStatusCode());
          next.proceed();
        });
  }

  /** Has the connection watched. No thread reads it while the handler waits. */
  void watchDisconnect() {
    request.watched(local(), peer(), () -> Connection.isReset(undertow), CLIENT_GONE);
  }

  /** Sets these fields of the answer. */
  void headers(Map<String, String> fields) {
    AnswerHeaders.set(undertow.getResponseHeaders(), fields);
  }

  void problem(ProblemException e) {
    headers(e.headers());
    if (http2) {
      undertow.getResponseHeaders().remove(Headers.CONNECTION); // RFC 9113, 8.2.2
    } else if (e.isRefusal() && connection.isSentAhead(undertow)) {
      undertow.setPersistent(false); // not one refusal for each request that was sent ahead
      undertow.getResponseHeaders().put(Headers.CONNECTION, "close");
    }
    send(e.problem().status(), Problem.CONTENT_TYPE, e.document(), e.closesConnection());
  }

  /** Whether it is too late for another answer. */
  boolean hasBegun() {
    return undertow.isResponseStarted();
  }

  /** Ends an answer that has begun, by closing its connection; for threads of the pool. */
  void breakOff() {
    connection.awaitsEnd(undertow);
    connection.end(undertow);
  }

  /** Ends the exchange without an answer: the client has gone. */
  void abandon() {
    connection.awaitsEnd(undertow);
    IoUtils.safeClose(undertow.getConnection());
    undertow.endExchange();
  }

  private void json(int status, Object result) {
    byte[] json = Json.bytes(result);
    request.answers(json.length);
    undertow.getResponseHeaders().put(Headers.CACHE_CONTROL, Json.CACHE_CONTROL);
    send(status, Json.CONTENT_TYPE, json, false);
  }

  /**
   * Sends the answer, and only then reads what has come of a body that nobody wants: it may not
   * come.
   *
   * @param contentType null for none
   * @param closes whether nobody reads the rest of the request
   */
  private void send(int status, String contentType, byte[] content, boolean closes) {
    boolean leavesBody = http2 && (closes || HttpContinue.requiresContinueResponse(undertow));
    IoCallback then = leavesBody ? StreamReset.AFTER_ANSWER : IoCallback.END_EXCHANGE;
    undertow.setStatusCode(status);
    head(contentType);
    connection.answerBegins(undertow);
    undertow.setResponseContentLength(content.length);
    undertow.getResponseSender().send(ByteBuffer.wrap(content), then);
  }

  /**
   * @param contentType null for none
   */
  private HeaderMap head(String contentType) {
    HeaderMap headers = undertow.getResponseHeaders();
    if (service.traffic().draining()) {
      undertow.setPersistent(false);
      if (!http2) {
        headers.put(Headers.CONNECTION, "close"); // Undertow adds it only where there is a body
      }
    }
    AnswerHeaders.date(headers);
    AnswerHeaders.secure(headers);
    return contentType == null ? headers : headers.put(Headers.CONTENT_TYPE, contentType);
  }

  private List<String> values(HttpString name) {
    HeaderValues values = undertow.getRequestHeaders().get(name);
    return values == null ? List.of() : values;
  }

  private InetSocketAddress local() {
    return undertow.getConnection().getLocalAddress(InetSocketAddress.class);
  }

  private InetSocketAddress peer() {
    return undertow.getConnection().getPeerAddress(InetSocketAddress.class);
  }

  /**
   * Undertow drops a question mark at the start of a query. This method restores it from the names
   * of the parameters.
   */
  private static String rawQuery(HttpServerExchange undertow) {
    String query = undertow.getQueryString();
    Set<String> names = undertow.getQueryParameters().keySet();
    if (names.isEmpty()) {
      return query;
    }
    String first = firstName(query);
    return names.contains("?" + first) && !names.contains(first) ? "?" + query : query;
  }

  /** Nobody asks Undertow for them: 4 KB of names would be held as 400 KB while a request waits. */
  private static void forgetParameters(HttpServerExchange undertow) {
    undertow.getQueryParameters().clear();
    if (undertow.getRequestURI().indexOf(';') >= 0) {
      undertow.getPathParameters().clear();
    }
  }

  private static String firstName(String query) {
    int end = 0;
    while (end < query.length() && query.charAt(end) != '=' && query.charAt(end) != '&') {
      end++;
    }
    return query.substring(0, end);
  }
}
