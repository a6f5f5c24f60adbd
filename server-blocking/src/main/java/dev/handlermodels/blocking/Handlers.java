package dev.handlermodels.blocking;

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
import dev.handlermodels.api.admission.Workers;
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
import io.undertow.io.IoCallback;
import io.undertow.io.Receiver;
import io.undertow.io.Sender;
import io.undertow.server.Connectors;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.RequestTooBigException;
import io.undertow.server.protocol.http.HttpContinue;
import io.undertow.util.AttachmentKey;
import io.undertow.util.HeaderMap;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.SameThreadExecutor;
import io.undertow.util.WorkerUtils;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.xnio.IoUtils;
import org.xnio.XnioExecutor;
import org.xnio.channels.Channels;
import org.xnio.channels.StreamSinkChannel;

/**
 * What a fixed pool does for each endpoint. Run it: {@code ./serve blocking}, then {@code curl
 * 'localhost:8080/io?waitMs=1000'}.
 *
 * <p>Every method runs on a thread of the pool and keeps it until it returns. So {@link #io} and
 * {@link #ioBlocking} are the same call, with the ceiling pool / wait: user number pool + 1 waits
 * in the queue. {@link #ioOffloaded} makes two threads stand still for one call, with the ceiling
 * of the smaller pool. A pool thread may compute as well as wait, so {@link #cpu} and {@link
 * #cpuInline} are the same; the operating system shares the processors out. {@code
 * HandlerModelTest} and {@code CpuTest} prove each of these sentences.
 */
final class Handlers {
  private static final AttachmentKey<Cancellation> CANCELLATION =
      AttachmentKey.create(Cancellation.class);
  private static final AttachmentKey<byte[]> BODY = AttachmentKey.create(byte[].class);
  private static final HttpString POLICY = new HttpString(SecurityHeaders.POLICY);
  private static final Map<HttpString, String> SECURITY =
      SecurityHeaders.FIXED.entrySet().stream()
          .collect(
              Collectors.toUnmodifiableMap(
                  field -> new HttpString(field.getKey()), Map.Entry::getValue));

  private final Service service;
  private final UpstreamClient upstream;
  private final ThreadPoolExecutor pool;

  Handlers(Service service, UpstreamClient upstream, ThreadPoolExecutor pool) {
    this.service = service;
    this.upstream = upstream;
    this.pool = pool;
  }

  void root(HttpServerExchange exchange) {
    Call call = service.call(Endpoint.ROOT);
    Query.none(query(exchange));
    json(exchange, call.root());
  }

  void io(HttpServerExchange exchange) {
    Call call = service.call(Endpoint.IO);
    int waitMs = Query.waitMs(query(exchange));
    json(exchange, call.io(waitMs, upstream.call(waitMs, cancellation(exchange))));
  }

  void ioBlocking(HttpServerExchange exchange) {
    Call call = service.call(Endpoint.IO_BLOCKING);
    int waitMs = Query.waitMs(query(exchange));
    json(exchange, call.io(waitMs, upstream.callBlocking(waitMs, cancellation(exchange))));
  }

  void ioOffloaded(HttpServerExchange exchange) {
    Call call = service.call(Endpoint.IO_OFFLOADED);
    int waitMs = Query.waitMs(query(exchange));
    json(exchange, call.io(waitMs, upstream.callOffloaded(waitMs, cancellation(exchange))));
  }

  void file(HttpServerExchange exchange) throws IOException {
    Call call = service.call(Endpoint.FILE);
    Query.none(query(exchange));
    json(exchange, call.file(Files.readAllBytes(service.dataFile())));
  }

  void fileBlocking(HttpServerExchange exchange) throws IOException {
    Call call = service.call(Endpoint.FILE_BLOCKING);
    Query.none(query(exchange));
    json(exchange, call.file(Files.readAllBytes(service.dataFile())));
  }

  void cpu(HttpServerExchange exchange) {
    Call call = service.call(Endpoint.CPU);
    int work = Query.work(query(exchange));
    json(exchange, call.cpu(work, service.cpu().inline(work)));
  }

  void cpuInline(HttpServerExchange exchange) {
    Call call = service.call(Endpoint.CPU_INLINE);
    int work = Query.work(query(exchange));
    json(exchange, call.cpu(work, service.cpu().inline(work)));
  }

  void mixed(HttpServerExchange exchange) {
    Call call = service.call(Endpoint.MIXED);
    Query.Mixed asked = Query.mixed(query(exchange));
    UpstreamAnswer answer = upstream.call(asked.waitMs(), cancellation(exchange));
    json(exchange, call.mixed(asked, answer, service.cpu().inline(asked.work())));
  }

  void fanout(HttpServerExchange exchange) {
    Call call = service.call(Endpoint.FANOUT);
    FanOut asked = Query.fanOut(query(exchange));
    json(exchange, call.fanOut(asked, upstream.fanOut(asked, cancellation(exchange))));
  }

  void aggregate(HttpServerExchange exchange) {
    Call call = service.call(Endpoint.AGGREGATE);
    Aggregate asked =
        Query.aggregate(Endpoint.AGGREGATE.parameter(exchange.getRequestURI()), query(exchange));
    json(exchange, call.aggregate(asked, upstream.aggregate(asked, cancellation(exchange))));
  }

  void submitTask(HttpServerExchange exchange) {
    Query.none(query(exchange));
    byte[] body = exchange.getAttachment(BODY);
    HeaderValues keys = exchange.getRequestHeaders().get("Idempotency-Key");
    TaskQueue.Accepted accepted =
        service
            .tasks()
            .submit(
                TaskRequest.of(
                    body,
                    exchange.getRequestHeaders().getFirst(Headers.CONTENT_TYPE),
                    keys == null ? List.of() : keys));
    exchange.getResponseHeaders().put(Headers.LOCATION, accepted.location());
    json(exchange, accepted.status(), accepted.task());
  }

  void task(HttpServerExchange exchange) {
    Query.none(query(exchange));
    json(exchange, service.tasks().get(Endpoint.TASK.parameter(exchange.getRequestURI())));
  }

  void tasks(HttpServerExchange exchange) {
    json(exchange, service.tasks().list(Query.tasksListed(query(exchange))));
  }

  void stream(HttpServerExchange exchange) {
    Query.Stream query = Query.stream(query(exchange));
    head(exchange, EventStream.CONTENT_TYPE).put(Headers.CACHE_CONTROL, Json.CACHE_CONTROL);
    try (EventStream stream = service.streams().open(query, local(exchange), peer(exchange))) {
      StreamSinkChannel out = exchange.getResponseChannel();
      while (!stream.isOver()) {
        stream.awaitDue(); // the pool thread waits here, and does nothing else all the while
        Channels.writeBlocking(out, ByteBuffer.wrap(stream.next()));
        Channels.flushBlocking(out); // and here, for a slow reader
      }
      out.shutdownWrites();
      Channels.flushBlocking(out);
    } catch (IOException _) {
      Connection.of(exchange).end(exchange); // the client has gone
    }
  }

  void race(HttpServerExchange exchange) throws InterruptedException {
    Call call = service.call(Endpoint.RACE);
    Race race = Query.race(query(exchange));
    try (ExecutorService threads = Workers.bounded("racer", Race.POOL_THREADS, race.tasks())) {
      race.runOn(threads, service.census()::around);
    }
    json(exchange, call.race(race));
  }

  void echo(HttpServerExchange exchange) {
    Call call = service.call(Endpoint.ECHO);
    Query.none(query(exchange));
    byte[] body = exchange.getAttachment(BODY);
    call.headers()
        .forEach((name, value) -> exchange.getResponseHeaders().put(new HttpString(name), value));
    send(
        exchange,
        200,
        MediaTypes.echoed(exchange.getRequestHeaders().getFirst(Headers.CONTENT_TYPE)),
        body);
  }

  void openApi(HttpServerExchange exchange) {
    Query.none(query(exchange));
    send(exchange, 200, MediaTypes.YAML, service.openApi());
  }

  void docs(HttpServerExchange exchange) {
    Query.none(query(exchange));
    Docs.Answer docs =
        Docs.answer(
            exchange.getRequestURI(), exchange.getRequestHeaders().getFirst(Headers.IF_NONE_MATCH));
    docs.headers()
        .forEach((name, value) -> exchange.getResponseHeaders().put(new HttpString(name), value));
    send(exchange, docs.status(), docs.contentType(), docs.body());
  }

  void live(HttpServerExchange exchange) {
    json(exchange, service.live());
  }

  void ready(HttpServerExchange exchange) {
    json(exchange, service.ready());
  }

  /**
   * Before every handler: admission, metrics, the census, and the way from the I/O thread to the
   * pool.
   */
  HttpHandler begin(HttpHandler handler) {
    return exchange -> {
      Traffic.Request request =
          service
              .traffic()
              .begin(
                  exchange.getRequestMethod().toString(),
                  exchange.getRequestURI(),
                  exchange.getRequestHeaders()::get);
      Connection connection = Connection.of(exchange);
      connection.headEnds(exchange);
      exchange.addExchangeCompleteListener(
          (ended, next) -> {
            connection.requestEnds(ended);
            if (!ended.isResponseStarted()) {
              request.clientGone(); // within its body, mostly
            }
            request.end(ended.getStatusCode());
            next.proceed();
          });
      try {
        invalid(exchange);
        Endpoint endpoint =
            request.admit(
                exchange.getRequestURI(), Connection.isHttp2(exchange), () -> client(exchange));
        request
            .headers()
            .forEach(
                (name, value) -> exchange.getResponseHeaders().put(new HttpString(name), value));
        if (endpoint.isHealth()) {
          handler.handleRequest(
              exchange); // on the I/O thread: a used-up pool must not look like a dead process
        } else {
          exchange.putAttachment(CANCELLATION, watched(exchange, request));
          if (endpoint.takesBody()) {
            withBody(handler, exchange);
          } else {
            toPool(handler, exchange);
          }
        }
      } catch (Exception e) {
        fail(exchange, e);
      }
    };
  }

  /** Whatever a handler threw, as a problem document. */
  void fail(HttpServerExchange exchange, Throwable thrown) {
    if (thrown instanceof ClientGoneException) {
      IoUtils.safeClose(exchange.getConnection());
      exchange.endExchange();
      return;
    }
    ProblemException e =
        thrown instanceof RequestTooBigException
            ? Problems.bodyTooLarge()
            : Failures.of(thrown, span(exchange));
    service.limits().refused(e);
    e.headers()
        .forEach((name, value) -> exchange.getResponseHeaders().put(new HttpString(name), value));
    if (Connection.isHttp2(exchange)) {
      exchange.getResponseHeaders().remove(Headers.CONNECTION); // RFC 9113, 8.2.2
    }
    send(exchange, e.problem().status(), Problem.CONTENT_TYPE, e.document(), e.closesConnection());
  }

  /**
   * A request that is too long, or that could be read in two ways. Undertow would end the
   * connection without a word or read it, so both are checked here.
   *
   * @throws ProblemException 400, 413, 414 or 431
   */
  void invalid(HttpServerExchange exchange) {
    HeaderMap headers = exchange.getRequestHeaders();
    int requestLineBytes =
        exchange.getRequestMethod().length()
            + exchange.getRequestURI().length()
            + exchange.getQueryString().length()
            + exchange.getProtocol().length()
            + (exchange.getQueryString().isEmpty() ? 2 : 3);
    if (requestLineBytes > Limits.REQUEST_LINE_BYTES) {
      throw Problems.requestLineTooLong();
    }
    refuseTooMuch(headers);
    List<String> hosts = headers.get(Headers.HOST);
    List<String> lengths = headers.get(Headers.CONTENT_LENGTH);
    List<String> codings = headers.get(Headers.TRANSFER_ENCODING);
    if (Connection.isHttp2(exchange)) {
      for (HeaderValues values : headers) {
        String name = values.getHeaderName().toString();
        values.forEach(value -> RequestHead.checkHttp2Field(name, value));
      }
      RequestHead.checkHttp2(
          exchange.getRequestMethod().toString(),
          exchange.getRequestURI(),
          query(exchange),
          hosts,
          lengths,
          codings);
    } else {
      RequestHead.check(
          exchange.getRequestMethod().toString(),
          exchange.getProtocol().toString(),
          exchange.getRequestURI(),
          query(exchange),
          hosts,
          lengths,
          codings);
      ExactChunks.use(exchange);
    }
    if (exchange.getRequestContentLength() > Limits.BODY_BYTES) {
      throw Problems.bodyTooLarge();
    }
  }

  private static ClientAddress client(HttpServerExchange exchange) {
    HeaderValues forwardedFor = exchange.getRequestHeaders().get(Headers.X_FORWARDED_FOR);
    return new ClientAddress(
        exchange.getSourceAddress().getAddress().getHostAddress(),
        forwardedFor == null ? List.of() : forwardedFor);
  }

  /**
   * An I/O thread reads the body, beside all that others send, and only then a thread of the pool
   * is taken: a few slow clients would hold them all.
   */
  private void withBody(HttpHandler handler, HttpServerExchange exchange) {
    Bodies.check(
        exchange.getRequestHeaders().getFirst(Headers.EXPECT),
        exchange.getRequestHeaders().getFirst(Headers.CONTENT_ENCODING));
    int timeoutMs = service.settings().requestTimeoutMs();
    XnioExecutor.Key late =
        WorkerUtils.executeAfter(
            exchange.getIoThread(),
            () ->
                Connectors.executeRootHandler(
                    ex -> fail(ex, Problems.bodyTimeout(timeoutMs)), exchange),
            timeoutMs,
            TimeUnit.MILLISECONDS);
    exchange.addExchangeCompleteListener(
        (_, next) -> {
          late.remove();
          next.proceed();
        });
    if (!exchange.isRequestComplete() && HttpContinue.requiresContinueResponse(exchange)) {
      HttpContinue.sendContinueResponse(exchange, new ThenReceive(handler, late));
    } else {
      receive(handler, exchange, late);
    }
  }

  /** After 100 (Continue), which Undertow's receiver does not send. */
  private final class ThenReceive implements IoCallback {
    private final HttpHandler handler;
    private final XnioExecutor.Key late;

    ThenReceive(HttpHandler handler, XnioExecutor.Key late) {
      this.handler = handler;
      this.late = late;
    }

    @Override
    public void onComplete(HttpServerExchange exchange, Sender sender) {
      receive(handler, exchange, late);
    }

    @Override
    public void onException(HttpServerExchange exchange, Sender sender, IOException e) {
      fail(exchange, new ClientGoneException());
    }
  }

  private void receive(HttpHandler handler, HttpServerExchange exchange, XnioExecutor.Key late) {
    Connection connection = Connection.of(exchange);
    connection.bodyBegins(exchange);
    Receiver receiver = exchange.getRequestReceiver();
    receiver.setMaxBufferSize(Limits.BODY_BYTES);
    receiver.receiveFullBytes(
        (ex, body) -> {
          if (!late.remove()) {
            return; // too late
          }
          connection.bodyEnds(ex);
          if (isOfAnotherLength(ex, body)) {
            fail(ex, Problems.badRequest("the body is not as long as its Content-Length says"));
            return;
          }
          ex.putAttachment(BODY, body);
          toPool(handler, ex);
        },
        (ex, e) -> {
          if (late.remove()) { // or it has been refused, of which Undertow does not know
            fail(ex, unread(ex, e));
          }
        });
  }

  private static RuntimeException unread(HttpServerExchange exchange, IOException e) {
    if (e instanceof Receiver.RequestToLargeException) {
      return Problems.bodyTooLarge();
    }
    return Connection.isHttp2(exchange) ? new ClientGoneException() : Bodies.broken(e);
  }

  private void toPool(HttpHandler handler, HttpServerExchange exchange) {
    exchange.dispatch(SameThreadExecutor.INSTANCE, () -> onPool(handler, exchange));
  }

  private void onPool(HttpHandler handler, HttpServerExchange exchange) {
    Runnable task = () -> Connectors.executeRootHandler(ex -> run(handler, ex), exchange);
    try {
      pool.execute(task);
      cancellation(exchange).onCancel(() -> leaveQueue(task, exchange));
    } catch (RejectedExecutionException e) {
      fail(exchange, e);
    }
  }

  /** A request whose client has gone before a thread was free for it. */
  private void leaveQueue(Runnable task, HttpServerExchange exchange) {
    if (pool.remove(task)) {
      Connectors.executeRootHandler(ex -> fail(ex, cancellation(ex).why()), exchange);
    }
  }

  private void run(HttpHandler handler, HttpServerExchange exchange) {
    try (var _ = service.census().enter()) {
      handler.handleRequest(exchange);
    } catch (Exception e) {
      fail(exchange, e);
    }
  }

  /** Threads wait elsewhere, so somebody has to watch the connection meanwhile. */
  private static Cancellation watched(HttpServerExchange exchange, Traffic.Request request) {
    return request.watched(
        local(exchange),
        peer(exchange),
        () -> Connection.isReset(exchange),
        new ClientGoneException());
  }

  private static InetSocketAddress local(HttpServerExchange exchange) {
    return exchange.getConnection().getLocalAddress(InetSocketAddress.class);
  }

  private static InetSocketAddress peer(HttpServerExchange exchange) {
    return exchange.getConnection().getPeerAddress(InetSocketAddress.class);
  }

  private static ServerSpan span(HttpServerExchange exchange) {
    Cancellation cancellation = cancellation(exchange);
    return cancellation == null ? ServerSpan.NONE : cancellation.span();
  }

  private static Cancellation cancellation(HttpServerExchange exchange) {
    return exchange.getAttachment(CANCELLATION);
  }

  /** Undertow only looks whether a body of HTTP/2 ends. */
  private static boolean isOfAnotherLength(HttpServerExchange exchange, byte[] body) {
    long length = exchange.getRequestContentLength();
    return Connection.isHttp2(exchange) && length >= 0 && length != body.length;
  }

  /** Undertow takes one question mark too many away; the names of parameters still have it. */
  private static String query(HttpServerExchange exchange) {
    String query = exchange.getQueryString();
    Set<String> names = exchange.getQueryParameters().keySet();
    if (names.isEmpty()) {
      return query;
    }
    String first = query.split("[=&]", 2)[0];
    return names.contains("?" + first) && !names.contains(first) ? "?" + query : query;
  }

  private static void refuseTooMuch(HeaderMap headers) {
    int bytes = 0;
    int fields = 0;
    for (long i = headers.fastIterate(); i != -1; i = headers.fiNext(i)) {
      var values = headers.fiCurrent(i);
      for (String value : values) {
        fields++;
        bytes += values.getHeaderName().length() + value.length() + 4; // colon, space, CR, LF
      }
    }
    if (bytes > Limits.HEADER_BYTES) {
      throw Problems.headersTooLarge();
    }
    if (fields > Limits.HEADER_FIELDS) {
      throw Problems.tooManyHeaders();
    }
  }

  private void json(HttpServerExchange exchange, Object result) {
    json(exchange, 200, result);
  }

  private void json(HttpServerExchange exchange, int status, Object result) {
    exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, Json.CACHE_CONTROL);
    send(exchange, status, Json.CONTENT_TYPE, Json.bytes(result));
  }

  private void send(HttpServerExchange exchange, int status, String contentType, byte[] body) {
    send(exchange, status, contentType, body, false);
  }

  private void send(
      HttpServerExchange exchange, int status, String contentType, byte[] body, boolean closes) {
    boolean leavesBody =
        Connection.isHttp2(exchange) && (closes || HttpContinue.requiresContinueResponse(exchange));
    IoCallback then = leavesBody ? Connection.END_OF_STREAM : IoCallback.END_EXCHANGE;
    exchange.setStatusCode(status);
    head(exchange, contentType);
    Connection.of(exchange).answerBegins(exchange);
    exchange.setResponseContentLength(body.length);
    exchange.getResponseSender().send(ByteBuffer.wrap(body), then);
  }

  private HeaderMap head(HttpServerExchange exchange, String contentType) {
    if (service.traffic().draining()) {
      exchange.setPersistent(false);
    }
    HeaderMap headers = exchange.getResponseHeaders();
    if (!headers.contains(POLICY)) {
      headers.put(POLICY, SecurityHeaders.NOTHING);
    }
    SECURITY.forEach(headers::put);
    return headers.put(Headers.CONTENT_TYPE, contentType);
  }
}
