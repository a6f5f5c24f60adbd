package dev.handlermodels.blocking;

import dev.handlermodels.api.launch.Service;
import dev.handlermodels.api.wire.ConnectionReaper;
import dev.handlermodels.api.wire.Http2Frames;
import io.undertow.io.DefaultIoCallback;
import io.undertow.io.IoCallback;
import io.undertow.io.Sender;
import io.undertow.protocols.http2.Http2Channel;
import io.undertow.server.Connectors;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.protocol.http.HttpOpenListener;
import io.undertow.server.protocol.http.HttpServerConnection;
import io.undertow.util.AttachmentKey;
import io.undertow.util.Headers;
import io.undertow.util.WorkerUtils;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.xnio.IoUtils;
import org.xnio.StreamConnection;
import org.xnio.XnioExecutor;
import org.xnio.conduits.AbstractStreamSinkConduit;
import org.xnio.conduits.AbstractStreamSourceConduit;
import org.xnio.conduits.ConduitStreamSinkChannel;
import org.xnio.conduits.ConduitStreamSourceChannel;
import org.xnio.conduits.StreamSinkConduit;
import org.xnio.conduits.StreamSourceConduit;

/**
 * The reading end of a connection, below whatever Undertow reads with: it sees when a request
 * begins to arrive, and tells {@link ConnectionReaper} of heads and answers that are on their way.
 * Over HTTP/2, {@link Http2Frames} sees what is read and written.
 */
final class Connection extends AbstractStreamSourceConduit<StreamSourceConduit> {
  private static final AttachmentKey<Connection> OF_HTTP2 = AttachmentKey.create(Connection.class);

  /** For what Undertow still has to say, or the client to send. */
  private static final int LAST_WORDS_MS = 1000;

  private final StreamConnection socket;
  private final Service service;
  private final ConnectionReaper.Peer peer;

  /** Null between two requests, and over HTTP/2. */
  private volatile HttpServerExchange exchange;

  private volatile boolean answering;

  /** Null over HTTP/1.1, as the next. */
  private volatile Http2Frames frames;

  private volatile Http2Channel http2;

  /** The client, while nothing was asked. */
  private boolean left;

  /** For what was too much. */
  private boolean refused;

  /** Over HTTP/2, as the next. */
  private final AtomicInteger inFlight = new AtomicInteger();

  /** Undertow does not tell those who wait for one that none will come. */
  private final Set<HttpServerExchange> awaitedBodies = ConcurrentHashMap.newKeySet();

  private Connection(StreamConnection socket, StreamSourceConduit next, Service service) {
    super(next);
    this.socket = socket;
    this.service = service;
    this.peer = service.slowPeers().connected(socket::isOpen, this::cutSoon);
  }

  /** Announces a connection and hands it to Undertow; one too many is closed. */
  static void open(StreamConnection socket, Service service, HttpOpenListener http) {
    ConduitStreamSourceChannel in = socket.getSourceChannel();
    Connection connection = new Connection(socket, in.getConduit(), service);
    if (connection.peer == null) {
      IoUtils.safeClose(socket);
      return;
    }
    in.setConduit(connection);
    socket.setCloseListener(_ -> connection.ended());
    ParserRefusals.replace(
        socket.getSinkChannel(), () -> connection.exchange != null || connection.frames != null);
    if (service.settings().http2()) {
      Http2.offer(http, socket, connection);
    } else {
      http.handleEvent(socket);
    }
  }

  private void ended() {
    peer.disconnected();
    if (!awaitedBodies.isEmpty()) {
      socket.getIoThread().execute(() -> awaitedBodies.forEach(HttpServerExchange::endExchange));
    }
  }

  /** The connection on which this request came. */
  public static Connection of(HttpServerExchange exchange) {
    return exchange.getConnection() instanceof HttpServerConnection http1
        ? (Connection) http1.getOriginalSourceConduit()
        : exchange.getConnection().getAttachment(OF_HTTP2);
  }

  static boolean isHttp2(HttpServerExchange exchange) {
    return !(exchange.getConnection() instanceof HttpServerConnection);
  }

  /** After an answer whose request is not read any further: over HTTP/2 its stream is reset. */
  static final IoCallback END_OF_STREAM =
      new DefaultIoCallback() {
        @Override
        public void onComplete(HttpServerExchange answered, Sender sender) {
          if (answered.isRequestComplete()) {
            super.onComplete(answered, sender);
          } else {
            sender.close(RESET_SOON); // when the answer has left
          }
        }
      };

  /** Not at once: of what is still on its way Undertow would make an error of the connection. */
  private static final IoCallback RESET_SOON =
      new DefaultIoCallback() {
        @Override
        public void onComplete(HttpServerExchange answered, Sender sender) {
          XnioExecutor.Key reset =
              WorkerUtils.executeAfter(
                  answered.getIoThread(),
                  () -> {
                    IoUtils.safeClose(answered.getConnection());
                    // Of a 417 Undertow believes that no body will come, and waits for its end.
                    Connectors.terminateRequest(answered);
                  },
                  LAST_WORDS_MS,
                  TimeUnit.MILLISECONDS);
          answered.addExchangeCompleteListener(
              (_, next) -> {
                reset.remove();
                next.proceed();
              });
          // Undertow would end an exchange twice whose body was to be asked for and never was.
          answered.getRequestHeaders().remove(Headers.EXPECT);
          answered.endExchange(); // reads what comes until then, and forgets it
        }
      };

  /** In the midst of an answer, on a thread of the pool. */
  void end(HttpServerExchange unfinished) {
    if (http2 != null && !isReset(unfinished)) {
      // Before its end, or Undertow would wait with that for room in the client's window.
      CompletableFuture.runAsync(this::cut, socket.getIoThread())
          .completeOnTimeout(null, LAST_WORDS_MS, TimeUnit.MILLISECONDS)
          .join();
    } else {
      IoUtils.safeClose(unfinished.getConnection());
    }
    unfinished.endExchange();
  }

  /** Whether its client has reset this request's stream, while the connection goes on. */
  static boolean isReset(HttpServerExchange exchange) {
    return isHttp2(exchange) && !Connectors.getConduitSinkChannel(exchange).isOpen();
  }

  /**
   * What is read and written from now on are frames of HTTP/2.
   *
   * @param preface has been read already, and no more
   */
  void beginHttp2(ByteBuffer preface, Supplier<Http2Channel> undertow) {
    Http2Frames begun = service.http2Frames(peer);
    begun.received(preface);
    ConduitStreamSinkChannel out = socket.getSinkChannel();
    out.setConduit(new Sink(out.getConduit(), begun));
    frames = begun;
    http2 = undertow.get();
    http2.putAttachment(OF_HTTP2, this);
    http2.resumeReceives();
  }

  /** The head of a request is whole, and what follows is its body. */
  void headEnds(HttpServerExchange begun) {
    if (http2 == null) {
      exchange = begun;
      peer.headEnds();
    } else {
      inFlight.incrementAndGet();
    }
  }

  /** The rest of a request is waited for. */
  void bodyBegins(HttpServerExchange begun) {
    if (http2 != null) {
      awaitedBodies.add(begun);
    }
  }

  void bodyEnds(HttpServerExchange begun) {
    awaitedBodies.remove(begun);
  }

  void answerBegins(HttpServerExchange answered) {
    if (http2 == null) {
      answering = true;
      peer.answerBegins();
    } else {
      service
          .slowPeers()
          .answerBegins(() -> socket.isOpen() && !answered.isResponseComplete(), this::cutSoon);
    }
  }

  /** Also the rest of its body, if there was any, has been read. */
  void requestEnds(HttpServerExchange ended) {
    if (http2 != null) {
      awaitedBodies.remove(ended);
      if (inFlight.decrementAndGet() == 0 && service.traffic().draining()) {
        socket.getIoThread().execute(this::goAwayIfAnswered); // it may be reading one more
      }
      return;
    }
    exchange = null;
    if (answering) { // a stream has a limit of its own
      answering = false;
      peer.answerEnds();
    }
    peer.requestEnds();
    if (((HttpServerConnection) ended.getConnection()).getExtraBytes() != null) {
      peer.headBegins(); // the next one came along
    }
  }

  private void goAwayIfAnswered() {
    if (inFlight.get() == 0) {
      http2.sendGoAway(Http2Channel.ERROR_NO_ERROR); // and closes
    }
  }

  private void cutSoon() {
    socket.getIoThread().execute(this::cut);
  }

  /** Undertow would not notice by itself that its connection has been closed. */
  private void cut() {
    HttpServerExchange unfinished = exchange;
    if (http2 != null) {
      http2.sendGoAway(Http2Channel.ERROR_ENHANCE_YOUR_CALM);
      IoUtils.safeClose(http2);
    }
    IoUtils.safeClose(socket);
    if (unfinished != null) {
      unfinished.endExchange();
    }
  }

  @Override
  public int read(ByteBuffer into) throws IOException {
    int start = into.position();
    int got = readOrLeave(into);
    if (got > 0
        && frames != null
        && !frames.received(into.duplicate().limit(start + got).position(start))) {
      into.position(start); // nothing more is heeded
      endHttp2();
      return 0;
    }
    return noted(got);
  }

  @Override
  public long read(ByteBuffer[] into, int offset, int length) throws IOException {
    if (frames != null) { // one at a time, as Undertow does itself
      return length == 0 ? 0 : read(into[offset]);
    }
    long got = next.read(into, offset, length);
    noted((int) Math.min(got, 1));
    return got;
  }

  /** The end of a connection on which nothing is asked never reaches Undertow, see there. */
  private int readOrLeave(ByteBuffer into) throws IOException {
    if (exchange != null || frames != null) {
      return next.read(into);
    }
    try {
      int got = next.read(into);
      if (got >= 0) {
        return got;
      }
    } catch (IOException _) {
      // It has been reset, which comes to the same.
    }
    closeElsewhere();
    return 0;
  }

  /**
   * An I/O thread that closes looks at all its other connections each time: thousands of clients
   * who leave together would keep it from the rest for seconds (XNIO 3.8, WorkerThread.cancelKey).
   */
  private void closeElsewhere() {
    if (!left) {
      left = true;
      socket.getIoThread().execute(this::stopReadingAndClose); // after whoever reads now
    }
  }

  private void stopReadingAndClose() {
    socket.getSourceChannel().suspendReads();
    try {
      socket.getWorker().execute(() -> IoUtils.safeClose(socket));
    } catch (RejectedExecutionException _) {
      IoUtils.safeClose(socket); // the server is shutting down
    }
  }

  /** What has to be said before may wait for the client; the connection is not kept for it. */
  private void endHttp2() {
    if (!refused) {
      refused = true;
      http2.sendGoAway(Http2Channel.ERROR_ENHANCE_YOUR_CALM); // and closes
      socket
          .getIoThread()
          .executeAfter(() -> IoUtils.safeClose(http2), LAST_WORDS_MS, TimeUnit.MILLISECONDS);
    }
  }

  private int noted(int got) {
    if (got > 0 && exchange == null && frames == null) {
      peer.headBegins();
    }
    return got;
  }

  /** The writing end, over HTTP/2. */
  private static final class Sink extends AbstractStreamSinkConduit<StreamSinkConduit> {
    private final Http2Frames frames;

    Sink(StreamSinkConduit next, Http2Frames frames) {
      super(next);
      this.frames = frames;
    }

    @Override
    public int write(ByteBuffer from) throws IOException {
      ByteBuffer before = from.duplicate();
      int written = next.write(from);
      frames.sent(before.limit(from.position()));
      return written;
    }

    @Override
    public long write(ByteBuffer[] from, int offset, int length) throws IOException {
      ByteBuffer[] before = new ByteBuffer[length];
      for (int i = 0; i < length; i++) {
        before[i] = from[offset + i].duplicate();
      }
      long written = next.write(from, offset, length);
      for (int i = 0; i < length; i++) {
        frames.sent(before[i].limit(from[offset + i].position()));
      }
      return written;
    }
  }
}
