package dev.handlermodels.nima.http;

import dev.handlermodels.api.Json;
import dev.handlermodels.api.Limits;
import dev.handlermodels.api.ProblemException;
import dev.handlermodels.api.Query;
import dev.handlermodels.api.admission.Cancellation;
import dev.handlermodels.api.admission.ClientAddress;
import dev.handlermodels.api.admission.Traffic;
import dev.handlermodels.api.chat.Handshake;
import dev.handlermodels.api.chat.Member;
import dev.handlermodels.api.launch.Service;
import dev.handlermodels.api.telemetry.ServerSpan;
import dev.handlermodels.api.wire.Bodies;
import dev.handlermodels.api.work.EventStream;
import dev.handlermodels.api.work.FileAnswer;
import dev.handlermodels.api.work.StaticFile;
import dev.handlermodels.api.work.TaskStore;
import dev.handlermodels.nima.wire.ChatSocket;
import dev.handlermodels.nima.wire.Connection;
import dev.handlermodels.nima.wire.Http2Streams;
import io.helidon.common.buffers.DataReader;
import io.helidon.http.Header;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Method;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.http.Status;
import io.helidon.http.http2.Http2Exception;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http.ServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;

/** One request and its answer. Its methods may wait, on the virtual thread of the request. */
public final class Exchange {
  private static final HeaderName IDEMPOTENCY_KEY = HeaderNames.create("Idempotency-Key");

  /** All requests share it, because a stack trace would say nothing. */
  private static final CloseConnectionException CLIENT_GONE =
      new CloseConnectionException("the client has gone");

  private static final byte[] NOTHING = {};

  private final Service service;
  private final Traffic.Request counted;
  private final ServerRequest request;
  private final RoutingResponse response;

  /** Null over HTTP/1.1. */
  private final Http2Streams http2 = Http2Streams.current();

  /** Whether the connection is going to be a WebSocket. */
  private boolean upgraded;

  Exchange(
      Service service, Traffic.Request counted, ServerRequest request, RoutingResponse response) {
    this.service = service;
    this.counted = counted;
    this.request = request;
    this.response = response;
  }

  /** The path as it came, not decoded. */
  public String path() {
    return request.prologue().uriPath().rawPath();
  }

  /** The query as it came, not decoded; empty where there is none. */
  public String query() {
    return request.prologue().query().rawValue();
  }

  /**
   * Waits for the whole body. The connection limits that wait, so nothing here has to.
   *
   * @throws ProblemException 400, 408, 413, 415 or 417
   */
  public byte[] body() {
    Bodies.check(first(HeaderNames.EXPECT), first(HeaderNames.CONTENT_ENCODING));
    InputStream in = request.content().inputStream();
    try {
      byte[] body =
          http2 == null ? Bodies.read(in, counted::keepsBody) : http2.body(in, counted::keepsBody);
      response.headers().remove(HeaderNames.CONNECTION); // see closeUnlessBodyIsRead
      return body;
    } catch (DataReader.InsufficientDataAvailableException _) {
      throw CLIENT_GONE;
    }
  }

  /** The request's Content-Type, null where it has none. */
  public String contentType() {
    return first(HeaderNames.CONTENT_TYPE);
  }

  /** All values of Idempotency-Key; empty where there is none. */
  public List<String> idempotencyKeys() {
    return request.headers().all(IDEMPOTENCY_KEY, List::of);
  }

  /** All values of If-Match; empty where there is none. */
  private List<String> ifMatch() {
    return request.headers().all(HeaderNames.IF_MATCH, List::of);
  }

  /** All values of If-None-Match; empty where there is none. */
  private List<String> ifNoneMatch() {
    return request.headers().all(HeaderNames.IF_NONE_MATCH, List::of);
  }

  private String first(HeaderName name) {
    return request.headers().first(name).orElse(null);
  }

  /**
   * Cancelled when the client hangs up. From now on the connection is watched, since the thread
   * that would read from it waits elsewhere.
   */
  public Cancellation cancellation() {
    return counted.watched(local(), peer(), this::isReset, CLIENT_GONE);
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
    json(200, result);
  }

  private void json(int status, Object result) {
    byte[] json = Json.bytes(result);
    counted.answers(json.length);
    response.headers().set(AnswerHeaders.NO_STORE);
    send(status, AnswerHeaders.JSON, json);
  }

  /** Answers with the task as JSON and with its Location: 202, or 200 for a known key. */
  public void accepted(TaskStore.Accepted accepted) {
    response.headers().set(HeaderNames.LOCATION, accepted.location());
    json(accepted.status(), accepted.task());
  }

  /** Answers 200 with these bytes and these additional header fields. */
  public void content(String contentType, Map<String, String> headers, byte[] content) {
    counted.answers(content.length);
    headers(headers);
    send(200, HeaderValues.create(HeaderNames.CONTENT_TYPE, contentType), content);
  }

  /** Answers with a file of a page, or says that the client has it already. */
  public void file(StaticFile file) {
    FileAnswer answer = file.answer(ifMatch(), ifNoneMatch());
    headers(answer.headers());
    send(
        answer.status(),
        HeaderValues.create(HeaderNames.CONTENT_TYPE, answer.contentType()),
        answer.body());
  }

  /** Opens a stream, answers with what the loop writes, and closes the stream. */
  public void stream(Query.Stream asked, EventWriter.Loop loop) {
    response.headers().set(AnswerHeaders.NO_STORE);
    headers(EventStream.UNBUFFERED);
    head(AnswerHeaders.EVENT_STREAM);
    if (isHead()) {
      response.send(NOTHING);
      return;
    }
    try (EventStream events = service.streams().open(asked, local(), peer());
        var _ = cancellation().onCancel(events::clientGone);
        OutputStream out = response.outputStream()) {
      loop.run(
          events,
          event -> {
            if (isReset()) {
              throw CLIENT_GONE;
            }
            out.write(event);
            out.flush();
          });
    } catch (IOException | UncheckedIOException | Http2Exception e) {
      throw new CloseConnectionException("the client has gone", e);
    }
    response.commit();
  }

  /**
   * Becomes a WebSocket when the handler has returned. Then the connection's virtual thread waits
   * for what this client says, and calls the listener for each message.
   */
  public void chat(Query.Chat asked, Member.Listener listener) {
    Connection connection = Connection.current();
    Handshake.check(
        isHead() ? "HEAD" : "GET",
        connection != null && !connection.isOld(),
        http2 != null,
        name -> request.headers().all(HeaderNames.create(name), List::of),
        service.settings().chat());
    Member member = service.chat().admit(asked, listener);
    connection.becomes(
        new ChatSocket(connection, member, request.headers().get(ChatSocket.KEY).get().strip()));
    upgraded = true;
  }

  boolean isUpgraded() {
    return upgraded;
  }

  /**
   * Takes back an answer that has begun, for another one.
   *
   * @return false where a part of it has left already, so that it can only be cut
   */
  boolean takeBackAnswer() {
    return response.resetStream();
  }

  /** Answers with a problem document. */
  void problem(ProblemException e) {
    headers(e.headers());
    if (e.isRefusal() && isSentAhead()) {
      response.headers().set(HeaderValues.CONNECTION_CLOSE); // not one refusal for each request
    }
    send(e.problem().status(), AnswerHeaders.PROBLEM, e.document());
  }

  /** Answers OPTIONS: the fields of the head say all. */
  void noContent() {
    head(null);
    response.status(Status.NO_CONTENT_204);
    response.send(NOTHING);
  }

  /** Whether more has come than this request, which has no body. */
  private boolean isSentAhead() {
    Connection connection = Connection.current();
    return connection != null && connection.hasUnread() && !request.content().hasEntity();
  }

  private boolean isHead() {
    return request.prologue().method() == Method.HEAD;
  }

  ServerRequest request() {
    return request;
  }

  boolean isHttp2() {
    return http2 != null;
  }

  /** The client has reset this request's stream. */
  private boolean isReset() {
    return http2 != null && http2.isReset(request.id());
  }

  ServerSpan span() {
    return counted.span();
  }

  ClientAddress client() {
    return new ClientAddress(
        peer().getAddress().getHostAddress(),
        request.headers().all(HeaderNames.X_FORWARDED_FOR, List::of));
  }

  private InetSocketAddress local() {
    return (InetSocketAddress) request.localPeer().address();
  }

  private InetSocketAddress peer() {
    return (InetSocketAddress) request.remotePeer().address();
  }

  void headers(Map<String, String> fields) {
    AnswerHeaders.set(response.headers(), fields);
  }

  /** Says {@code Connection: close}; {@link #body} takes it back. */
  void closeUnlessBodyIsRead() {
    response.headers().set(HeaderValues.CONNECTION_CLOSE);
  }

  private void send(int status, Header contentType, byte[] body) {
    head(contentType);
    response.status(status(status));
    if (isHead()) {
      // Helidon would send the body, too, which a client takes for the next answer.
      response.contentLength(body.length);
      response.send(NOTHING);
    } else if (http2 == null) {
      sendInPieces(body);
    } else {
      http2.answer(() -> sendInPieces(body));
    }
  }

  /**
   * @param contentType null for none
   */
  private void head(Header contentType) {
    ServerResponseHeaders headers = response.headers();
    if (http2 != null) {
      headers.remove(HeaderNames.CONNECTION); // RFC 9113, 8.2.2
    } else if (service.traffic().draining()) {
      headers.set(HeaderValues.CONNECTION_CLOSE);
    }
    AnswerHeaders.secure(headers);
    if (contentType != null) {
      headers.set(contentType);
    }
  }

  /** In one piece, Helidon would copy a long body and hold the copy until the client has it. */
  private void sendInPieces(byte[] body) {
    if (body.length <= Limits.PIECE_BYTES) {
      response.send(body);
      return;
    }
    response.contentLength(body.length);
    try (OutputStream out = response.outputStream()) {
      for (int from = 0; from < body.length; from += Limits.PIECE_BYTES) {
        out.write(body, from, Math.min(Limits.PIECE_BYTES, body.length - from));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    response.commit(); // close() does not write the rest
  }

  /** Helidon has no constant for 431. */
  static Status status(int code) {
    return code == 431
        ? Status.create(431, "Request Header Fields Too Large")
        : Status.create(code);
  }
}
