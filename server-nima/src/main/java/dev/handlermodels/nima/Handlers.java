package dev.handlermodels.nima;

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
import dev.handlermodels.api.admission.Failures;
import dev.handlermodels.api.admission.Traffic;
import dev.handlermodels.api.launch.Service;
import dev.handlermodels.api.telemetry.ServerSpan;
import dev.handlermodels.api.upstream.UpstreamAnswer;
import dev.handlermodels.api.wire.Bodies;
import dev.handlermodels.api.wire.RequestHead;
import dev.handlermodels.api.work.Call;
import dev.handlermodels.api.work.Docs;
import dev.handlermodels.api.work.EventStream;
import dev.handlermodels.api.work.TaskQueue;
import dev.handlermodels.api.work.TaskRequest;
import io.helidon.common.buffers.DataReader;
import io.helidon.http.DirectHandler;
import io.helidon.http.Header;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.HttpPrologue;
import io.helidon.http.Method;
import io.helidon.http.ServerRequestHeaders;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.http.Status;
import io.helidon.http.http2.Http2Exception;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * What virtual threads do for each endpoint. Run it: {@code ./serve nima}, then {@code curl
 * 'localhost:8080/io?waitMs=1000'}.
 *
 * <p>Every method runs on the virtual thread of its connection and may wait as long as it likes:
 * while it does, its carrier serves others. So {@link #io} and {@link #ioBlocking} are the same
 * call, with the ceiling users / wait. {@link #ioOffloaded} hands it to a worker pool for nothing
 * and gets the pool's ceiling, workers / wait. What does not wait keeps its carrier: {@link
 * #cpuInline} takes one away from all others until it is done, so {@link #cpu} hands the work to
 * platform threads. {@code HandlerModelTest} and {@code CpuTest} prove each of these sentences.
 */
final class Handlers {
  private static final HeaderName IDEMPOTENCY_KEY = HeaderNames.create("Idempotency-Key");

  private static final Header NO_STORE =
      HeaderValues.createCached(HeaderNames.CACHE_CONTROL, Json.CACHE_CONTROL);

  private static final Header POLICY =
      HeaderValues.createCached(SecurityHeaders.POLICY, SecurityHeaders.NOTHING);
  private static final List<Header> SECURITY =
      SecurityHeaders.FIXED.entrySet().stream()
          .map(field -> HeaderValues.createCached(field.getKey(), field.getValue()))
          .toList();

  /** One for all: a stack trace for each request would cost, and tell nothing. */
  private static final CloseConnectionException CLIENT_GONE =
      new CloseConnectionException("the client has gone");

  private static final ScopedValue<Traffic.Request> REQUEST = ScopedValue.newInstance();

  private final Service service;
  private final UpstreamClient upstream;

  Handlers(Service service, UpstreamClient upstream) {
    this.service = service;
    this.upstream = upstream;
  }

  void root(ServerRequest request, ServerResponse response) {
    Call call = service.call(Endpoint.ROOT);
    Query.none(query(request));
    json(response, call.root());
  }

  void io(ServerRequest request, ServerResponse response) {
    Call call = service.call(Endpoint.IO);
    int waitMs = Query.waitMs(query(request));
    json(response, call.io(waitMs, upstream.call(waitMs, cancellation(request))));
  }

  void ioBlocking(ServerRequest request, ServerResponse response) {
    Call call = service.call(Endpoint.IO_BLOCKING);
    int waitMs = Query.waitMs(query(request));
    json(response, call.io(waitMs, upstream.callBlocking(waitMs, cancellation(request))));
  }

  void ioOffloaded(ServerRequest request, ServerResponse response) {
    Call call = service.call(Endpoint.IO_OFFLOADED);
    int waitMs = Query.waitMs(query(request));
    json(response, call.io(waitMs, upstream.callOffloaded(waitMs, cancellation(request))));
  }

  void file(ServerRequest request, ServerResponse response) throws IOException {
    Call call = service.call(Endpoint.FILE);
    Query.none(query(request));
    json(response, call.file(Files.readAllBytes(service.dataFile())));
  }

  void fileBlocking(ServerRequest request, ServerResponse response) throws IOException {
    Call call = service.call(Endpoint.FILE_BLOCKING);
    Query.none(query(request));
    json(response, call.file(Files.readAllBytes(service.dataFile())));
  }

  void cpu(ServerRequest request, ServerResponse response) {
    Call call = service.call(Endpoint.CPU);
    int work = Query.work(query(request));
    json(response, call.cpu(work, service.cpu().offloaded(work).join()));
  }

  void cpuInline(ServerRequest request, ServerResponse response) {
    Call call = service.call(Endpoint.CPU_INLINE);
    int work = Query.work(query(request));
    json(response, call.cpu(work, service.cpu().inline(work)));
  }

  void mixed(ServerRequest request, ServerResponse response) {
    Call call = service.call(Endpoint.MIXED);
    Query.Mixed asked = Query.mixed(query(request));
    UpstreamAnswer answer = upstream.call(asked.waitMs(), cancellation(request));
    json(response, call.mixed(asked, answer, service.cpu().offloaded(asked.work()).join()));
  }

  void fanout(ServerRequest request, ServerResponse response) {
    Call call = service.call(Endpoint.FANOUT);
    FanOut asked = Query.fanOut(query(request));
    json(response, call.fanOut(asked, upstream.fanOut(asked, cancellation(request))));
  }

  void aggregate(ServerRequest request, ServerResponse response) {
    Call call = service.call(Endpoint.AGGREGATE);
    Aggregate asked =
        Query.aggregate(
            Endpoint.AGGREGATE.parameter(request.prologue().uriPath().rawPath()), query(request));
    json(response, call.aggregate(asked, upstream.aggregate(asked, cancellation(request))));
  }

  void submitTask(ServerRequest request, ServerResponse response) {
    Query.none(query(request));
    byte[] body = body(request, response);
    TaskQueue.Accepted accepted =
        service
            .tasks()
            .submit(
                TaskRequest.of(
                    body,
                    request.headers().first(HeaderNames.CONTENT_TYPE).orElse(null),
                    request.headers().all(IDEMPOTENCY_KEY, List::of)));
    response.header("Location", accepted.location());
    json(response, accepted.status(), accepted.task());
  }

  void task(ServerRequest request, ServerResponse response) {
    Query.none(query(request));
    json(
        response,
        service.tasks().get(Endpoint.TASK.parameter(request.prologue().uriPath().rawPath())));
  }

  void tasks(ServerRequest request, ServerResponse response) {
    json(response, service.tasks().list(Query.tasksListed(query(request))));
  }

  void stream(ServerRequest request, ServerResponse response) {
    Query.Stream query = Query.stream(query(request));
    head(response, EventStream.CONTENT_TYPE).header(NO_STORE);
    try (EventStream stream = service.streams().open(query, local(request), peer(request));
        OutputStream out = response.outputStream()) {
      Connection.Streams http2 = Connection.streams();
      while (!stream.isOver()) {
        if (http2 != null && http2.isReset(request.id())) {
          throw CLIENT_GONE;
        }
        stream.awaitDue(); // the virtual thread waits here, while its carrier serves others
        out.write(stream.next());
        out.flush(); // and here, for a slow reader
      }
    } catch (IOException | UncheckedIOException | Http2Exception e) {
      throw new CloseConnectionException("the client has gone", e);
    }
  }

  void race(ServerRequest request, ServerResponse response) throws InterruptedException {
    Call call = service.call(Endpoint.RACE);
    Race race = Query.race(query(request));
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      race.runOn(threads, service.census()::around);
    }
    json(response, call.race(race));
  }

  void echo(ServerRequest request, ServerResponse response) {
    Call call = service.call(Endpoint.ECHO);
    Query.none(query(request));
    byte[] body = body(request, response);
    call.headers().forEach((name, value) -> response.header(name, value));
    send(
        response,
        200,
        MediaTypes.echoed(request.headers().first(HeaderNames.CONTENT_TYPE).orElse(null)),
        body);
  }

  void openApi(ServerRequest request, ServerResponse response) {
    Query.none(query(request));
    send(response, 200, MediaTypes.YAML, service.openApi());
  }

  void docs(ServerRequest request, ServerResponse response) {
    Query.none(query(request));
    Docs.Answer docs =
        Docs.answer(
            request.prologue().uriPath().rawPath(),
            request.headers().first(HeaderNames.IF_NONE_MATCH).orElse(null));
    docs.headers().forEach((name, value) -> response.header(name, value));
    send(response, docs.status(), docs.contentType(), docs.body());
  }

  void live(ServerRequest request, ServerResponse response) {
    json(response, service.live());
  }

  void ready(ServerRequest request, ServerResponse response) {
    json(response, service.ready());
  }

  /** Around every handler: admission, metrics, the census. */
  void begin(FilterChain handler, RoutingRequest routing, RoutingResponse response) {
    Traffic.Request request =
        service
            .traffic()
            .begin(
                routing.prologue().method().text(),
                routing.prologue().uriPath().rawPath(),
                name -> routing.headers().all(HeaderNames.create(name), List::of));
    try {
      refuseAmbiguous(routing);
      refuseTooMuch(routing.headers());
      if (isHeldBack(routing.headers())) {
        // Helidon would not skip its body where nobody reads it, but take it for the next request.
        response.header(HeaderValues.CONNECTION_CLOSE);
      }
      Endpoint endpoint =
          request.admit(
              routing.prologue().uriPath().rawPath(),
              Connection.streams() != null,
              () -> client(routing));
      request.headers().forEach((name, value) -> response.header(name, value));
      if (endpoint.isHealth()) {
        handler.proceed();
        return;
      }
      try (var _ = service.census().enter()) {
        ScopedValue.where(REQUEST, request).run(handler::proceed);
      }
    } catch (ProblemException e) {
      fail(routing, response, e);
    } finally {
      if (!response.isSent()) {
        request.clientGone(); // within its body, mostly
      }
      request.end(response.status().code());
    }
    if (response.headers().contains(HeaderValues.CONNECTION_CLOSE)) {
      // Helidon would go on and read the rest of a refused request as the next one.
      throw new CloseConnectionException("the answer said so");
    }
  }

  /** Whatever a handler threw, as a problem document. */
  void fail(ServerRequest request, ServerResponse response, Throwable thrown) {
    ProblemException e =
        thrown instanceof NumberFormatException // of a chunk's size
            ? Problems.notHttp()
            : Failures.of(thrown, span());
    service.limits().refused(e);
    e.headers().forEach((name, value) -> response.header(name, value));
    // Helidon would send a body in answer to HEAD, which a client takes for the next answer.
    boolean toHead = request.prologue().method().equals(Method.HEAD);
    byte[] document = toHead ? new byte[0] : e.document();
    send(response, e.problem().status(), Problem.CONTENT_TYPE, document);
  }

  /** A request that never became one: too long, or no HTTP. */
  DirectHandler.TransportResponse invalid(
      DirectHandler.TransportRequest request,
      DirectHandler.EventType type,
      Status status,
      ServerResponseHeaders headers,
      String message) {
    ProblemException e =
        switch (status.code()) {
          case 413 -> Problems.bodyTooLarge();
          case 414 -> Problems.requestLineTooLong();
          case 431 -> Problems.headersTooLarge();
          default -> // also 500: outside of handlers only the parser fails
              request.headers().contains(HeaderNames.CONTENT_ENCODING)
                  ? Problems.encodedBody()
                  : Problems.notHttp();
        };
    service.limits().refused(e);
    SECURITY.forEach(headers::set);
    return DirectHandler.TransportResponse.builder()
        .status(status(e.problem().status()))
        .headers(headers.set(POLICY).set(NO_STORE))
        .header(HeaderNames.CONTENT_TYPE, Problem.CONTENT_TYPE)
        .keepAlive(false)
        .entity(e.document())
        .build();
  }

  private static ServerSpan span() {
    return REQUEST.isBound() ? REQUEST.get().span() : ServerSpan.NONE;
  }

  /** The thread waits elsewhere, so somebody has to watch the connection meanwhile. */
  private static Cancellation cancellation(ServerRequest request) {
    Connection.Streams http2 = Connection.streams();
    return REQUEST
        .get()
        .watched(
            local(request),
            peer(request),
            () -> http2 != null && http2.isReset(request.id()),
            CLIENT_GONE);
  }

  private static InetSocketAddress local(ServerRequest request) {
    return (InetSocketAddress) request.localPeer().address();
  }

  private static InetSocketAddress peer(ServerRequest request) {
    return (InetSocketAddress) request.remotePeer().address();
  }

  private static ClientAddress client(ServerRequest request) {
    return new ClientAddress(
        peer(request).getAddress().getHostAddress(),
        request.headers().all(HeaderNames.X_FORWARDED_FOR, List::of));
  }

  /** Its {@link Connection} wakes up in time, so nobody has to give up here. */
  private static byte[] body(ServerRequest request, ServerResponse response) {
    Bodies.check(
        request.headers().first(HeaderNames.EXPECT).orElse(null),
        request.headers().first(HeaderNames.CONTENT_ENCODING).orElse(null));
    InputStream in = request.content().inputStream();
    Connection.Streams http2 = Connection.streams();
    try {
      byte[] body = http2 == null ? Bodies.read(in) : http2.body(in);
      response.headers().remove(HeaderNames.CONNECTION); // see begin
      return body;
    } catch (DataReader.InsufficientDataAvailableException _) {
      throw CLIENT_GONE;
    }
  }

  private static void refuseAmbiguous(ServerRequest request) {
    HttpPrologue head = request.prologue();
    if (head.method().text().isEmpty() || head.fragment().hasValue()) {
      throw Problems.notHttp();
    }
    if (Connection.streams() != null) {
      for (Header header : request.headers()) {
        header.allValues().forEach(value -> RequestHead.checkHttp2Field(header.name(), value));
      }
      RequestHead.checkHttp2(
          head.method().text(),
          head.uriPath().rawPath(),
          head.query().rawValue(),
          request.headers().all(HeaderNames.HOST, List::of),
          request.headers().all(HeaderNames.CONTENT_LENGTH, List::of),
          request.headers().all(HeaderNames.TRANSFER_ENCODING, List::of));
      return;
    }
    RequestHead.check(
        head.method().text(),
        head.rawProtocol(),
        head.uriPath().rawPath(),
        head.query().rawValue(),
        request.headers().all(HeaderNames.HOST, List::of),
        request.headers().all(HeaderNames.CONTENT_LENGTH, List::of),
        request.headers().all(HeaderNames.TRANSFER_ENCODING, List::of));
  }

  private static void refuseTooMuch(ServerRequestHeaders headers) {
    int bytes = 0;
    int fields = 0;
    for (Header header : headers) {
      fields += header.valueCount();
      if (header.name().isEmpty()) {
        throw Problems.notHttp();
      }
      for (String value : header.allValues()) {
        bytes += header.name().length() + value.length() + 4; // colon, space, CR, LF
      }
    }
    if (bytes > Limits.HEADER_BYTES) {
      throw Problems.headersTooLarge();
    }
    if (fields > Limits.HEADER_FIELDS) {
      throw Problems.tooManyHeaders();
    }
    if (headers.contentLength().orElse(0) > Limits.BODY_BYTES) {
      throw Problems.bodyTooLarge();
    }
  }

  /** Whether a body is to come once it is asked for. */
  private static boolean isHeldBack(ServerRequestHeaders headers) {
    return Connection.streams() == null
        && headers.contains(HeaderNames.EXPECT)
        && (headers.contains(HeaderNames.TRANSFER_ENCODING)
            || headers.contentLength().orElse(0) > 0);
  }

  /** Helidon has no words for this one. */
  private static Status status(int code) {
    return code == 431
        ? Status.create(431, "Request Header Fields Too Large")
        : Status.create(code);
  }

  private static String query(ServerRequest request) {
    return request.prologue().query().rawValue();
  }

  private void json(ServerResponse response, Object result) {
    json(response, 200, result);
  }

  private void json(ServerResponse response, int status, Object result) {
    response.header(NO_STORE);
    send(response, status, Json.CONTENT_TYPE, Json.bytes(result));
  }

  private void send(ServerResponse response, int status, String contentType, byte[] body) {
    head(response, contentType).status(status(status));
    Connection.Streams http2 = Connection.streams();
    if (http2 != null) {
      http2.answer(() -> sendInPieces(response, body));
    } else {
      sendInPieces(response, body);
    }
  }

  /**
   * A long one Helidon would copy as a whole, and hold the copy for as long as the client takes.
   */
  private static void sendInPieces(ServerResponse response, byte[] body) {
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
  }

  private ServerResponse head(ServerResponse response, String contentType) {
    if (Connection.streams() != null) {
      response.headers().remove(HeaderNames.CONNECTION); // RFC 9113, 8.2.2
    } else if (service.traffic().draining()) {
      response.header("Connection", "close");
    }
    response.headers().setIfAbsent(POLICY);
    SECURITY.forEach(response::header);
    return response.header("Content-Type", contentType);
  }
}
