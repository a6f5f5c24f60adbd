package dev.handlermodels.blocking.wire;

import dev.handlermodels.api.ProblemException;
import dev.handlermodels.api.Problems;
import dev.handlermodels.api.launch.Service;
import dev.handlermodels.api.wire.ConnectionReaper;
import dev.handlermodels.api.wire.HeadReader;
import dev.handlermodels.api.wire.Http2Frames;
import io.undertow.protocols.http2.Http2Channel;
import io.undertow.server.Connectors;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.protocol.http.HttpOpenListener;
import io.undertow.server.protocol.http.HttpServerConnection;
import io.undertow.util.AttachmentKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.xnio.IoUtils;
import org.xnio.StreamConnection;
import org.xnio.channels.StreamSinkChannel;
import org.xnio.conduits.AbstractStreamSourceConduit;
import org.xnio.conduits.ConduitReadableByteChannel;
import org.xnio.conduits.ConduitStreamSinkChannel;
import org.xnio.conduits.ConduitStreamSourceChannel;
import org.xnio.conduits.StreamSourceConduit;

/**
 * The reading end of a connection, below Undertow's own conduits. It sees when a request begins to
 * arrive, and tells {@link ConnectionReaper} which heads and answers are on their way. Over HTTP/2,
 * {@link Http2Frames} sees what is read and written.
 */
public final class Connection extends AbstractStreamSourceConduit<StreamSourceConduit> {
  private static final AttachmentKey<Connection> OF_HTTP2 = AttachmentKey.create(Connection.class);

  /** Time for what Undertow still has to write before the connection is closed. */
  private static final int GRACE_MS = 1000;

  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  /** No parser takes this for a request. */
  private static final byte[] NO_REQUEST = {0, '\r', '\n', '\r', '\n'};

  private final StreamConnection socket;
  private final Service service;
  private final ConnectionReaper.Peer peer;
  private final IdleClose idleClose;

  private final HeadReader head = new HeadReader();

  /** What has come and is not yet handed on. */
  private ByteBuffer unread = NOTHING;

  /** A head that has been checked, as far as Undertow has not read it. */
  private ByteBuffer checked = NOTHING;

  /** What to say when Undertow's parser refuses a head. */
  private ProblemException refusal = Problems.notHttp();

  private boolean knowsProtocol;

  /** Null between two requests, and over HTTP/2. */
  private volatile HttpServerExchange exchange;

  private volatile boolean answering;

  /** Null over HTTP/1.1. */
  private volatile Http2Frames frames;

  /** Null over HTTP/1.1. */
  private volatile Http2Channel http2;

  /** Whether the connection over HTTP/2 ends because its client sent too much, or what none may. */
  private boolean refused;

  /** Requests over HTTP/2. */
  private final AtomicInteger inFlight = new AtomicInteger();

  /**
   * Requests over HTTP/2 whose bodies are being read. When the connection ends, Undertow does not
   * tell them that no more of the body will come.
   */
  private final Set<HttpServerExchange> awaitedBodies = ConcurrentHashMap.newKeySet();

  private Connection(StreamConnection socket, StreamSourceConduit next, Service service) {
    super(next);
    this.socket = socket;
    this.service = service;
    this.idleClose = new IdleClose(socket);
    this.peer = service.slowPeers().connected(socket::isOpen, this::cutSoon);
  }

  /** Announces a connection and hands it to Undertow; closes it if there are too many. */
  public static void open(StreamConnection socket, Service service, HttpOpenListener http) {
    ConduitStreamSourceChannel in = socket.getSourceChannel();
    Connection connection = new Connection(socket, in.getConduit(), service);
    if (connection.peer == null) {
      IoUtils.safeClose(socket);
      return;
    }
    in.setConduit(connection);
    socket.setCloseListener(_ -> connection.ended());
    ParserErrorConduit.insert(
        socket.getSinkChannel(),
        () -> connection.exchange != null || connection.frames != null,
        () -> new ParserErrorConduit.Refusal(connection.refusal, connection.head.isHead()));
    if (service.settings().http2()) {
      Http2.offer(http, socket, connection);
    } else {
      connection.knowsProtocol = true;
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

  public static boolean isHttp2(HttpServerExchange exchange) {
    return !(exchange.getConnection() instanceof HttpServerConnection);
  }

  /** Ends an answer that is not complete; to be called on a thread of the pool. */
  public void end(HttpServerExchange unfinished) {
    if (http2 != null && !isReset(unfinished)) {
      // Close the connection first: endExchange would wait for room in the client's window.
      CompletableFuture.runAsync(this::cut, socket.getIoThread())
          .completeOnTimeout(null, GRACE_MS, TimeUnit.MILLISECONDS)
          .join();
    } else {
      IoUtils.safeClose(unfinished.getConnection());
    }
    unfinished.endExchange();
  }

  /** Whether the client has reset the stream of this request, while the connection goes on. */
  public static boolean isReset(HttpServerExchange exchange) {
    return isHttp2(exchange) && !Connectors.getConduitSinkChannel(exchange).isOpen();
  }

  /**
   * Reads and writes frames of HTTP/2 from now on.
   *
   * @param preface the bytes that have been read so far
   */
  void beginHttp2(ByteBuffer preface, Supplier<Http2Channel> undertow) {
    Http2Frames begun = service.http2Frames(peer);
    begun.received(preface);
    ConduitStreamSinkChannel out = socket.getSinkChannel();
    out.setConduit(new Http2SinkConduit(out.getConduit(), begun));
    frames = begun;
    http2 = undertow.get();
    http2.putAttachment(OF_HTTP2, this);
    http2.resumeReceives();
  }

  /** The head of a request is whole, and its body follows. */
  public void headEnds(HttpServerExchange begun) {
    if (http2 == null) {
      exchange = begun;
      peer.headEnds();
    } else {
      inFlight.incrementAndGet();
    }
  }

  /** Somebody waits for the body of this request. */
  public void bodyBegins(HttpServerExchange begun) {
    if (http2 != null) {
      awaitedBodies.add(begun);
    }
  }

  /** The body is whole. */
  public void bodyEnds(HttpServerExchange begun) {
    awaitedBodies.remove(begun);
  }

  /** An answer is handed to Undertow. */
  public void answerBegins(HttpServerExchange answered) {
    if (http2 == null) {
      answering = true;
      peer.answerBegins();
    } else {
      service
          .slowPeers()
          .answerBegins(() -> socket.isOpen() && !answered.isResponseComplete(), this::cutSoon);
    }
  }

  /** A request has been answered, and its body has been read to the end. */
  public void requestEnds(HttpServerExchange ended) {
    if (http2 != null) {
      awaitedBodies.remove(ended);
      if (inFlight.decrementAndGet() == 0 && service.traffic().draining()) {
        socket.getIoThread().execute(this::goAwayIfAnswered); // it may be reading another request
      }
      return;
    }
    exchange = null;
    head.begin();
    if (answering) { // not for a stream of events, which has its own limit
      answering = false;
      peer.answerEnds();
    }
    peer.requestEnds();
    if (unread.hasRemaining()) {
      peer.headBegins(); // the next request came with this one
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

  /** Closes the connection and ends its request, because Undertow does not notice by itself. */
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
    if (knowsProtocol && frames == null) {
      return exchange == null ? readHead(into) : readBody(into);
    }
    int start = into.position();
    int got = readOrLeave(into);
    if (got > 0
        && frames != null
        && !frames.received(into.duplicate().limit(start + got).position(start))) {
      into.position(start); // whatever comes now is ignored
      endHttp2();
      return 0;
    }
    return noted(got);
  }

  /** Gives nothing until a head is whole and has been checked. */
  private int readHead(ByteBuffer into) throws IOException {
    int start = into.position();
    while (!checked.hasRemaining()) {
      if (!unread.hasRemaining()) {
        int got = readOrLeave(into);
        if (got <= 0) {
          return got;
        }
        byte[] bytes = new byte[got];
        into.get(into.position(start).position(), bytes);
        unread = ByteBuffer.wrap(bytes);
      }
      peer.headBegins();
      checkHead();
    }
    return move(checked, into);
  }

  private void checkHead() {
    try {
      if (head.read(unread)) {
        checked = ByteBuffer.wrap(head.head(false));
      }
    } catch (ProblemException e) {
      service.limits().refused(e);
      refusal = e;
      checked = ByteBuffer.wrap(NO_REQUEST);
      unread = NOTHING;
    }
  }

  private int readBody(ByteBuffer into) throws IOException {
    return unread.hasRemaining() ? move(unread, into) : next.read(into);
  }

  private static int move(ByteBuffer from, ByteBuffer into) {
    int length = Math.min(from.remaining(), into.remaining());
    into.put(from.slice(from.position(), length));
    from.position(from.position() + length);
    return length;
  }

  /** Takes back bytes that were read and do not belong to a body, or had no room. */
  void unread(ByteBuffer again) {
    byte[] bytes = new byte[again.remaining() + unread.remaining()];
    int length = again.remaining();
    again.get(bytes, 0, length);
    unread.get(bytes, length, bytes.length - length);
    unread = ByteBuffer.wrap(bytes);
  }

  /**
   * The connection speaks HTTP/1.1.
   *
   * @param first the bytes that have been read so far
   */
  void beginHttp1(ByteBuffer first) {
    unread(first);
    knowsProtocol = true;
  }

  private boolean hasUnread() {
    return unread.hasRemaining() || checked.hasRemaining();
  }

  @Override
  public void resumeReads() {
    if (hasUnread()) {
      next.wakeupReads();
    } else {
      next.resumeReads();
    }
  }

  @Override
  public void awaitReadable() throws IOException {
    if (!hasUnread()) {
      next.awaitReadable();
    }
  }

  @Override
  public void awaitReadable(long time, TimeUnit unit) throws IOException {
    if (!hasUnread()) {
      next.awaitReadable(time, unit);
    }
  }

  @Override
  public long transferTo(long position, long count, FileChannel target) throws IOException {
    return target.transferFrom(new ConduitReadableByteChannel(this), position, count);
  }

  @Override
  public long transferTo(long count, ByteBuffer through, StreamSinkChannel target)
      throws IOException {
    return IoUtils.transfer(new ConduitReadableByteChannel(this), count, through, target);
  }

  @Override
  public long read(ByteBuffer[] into, int offset, int length) throws IOException {
    for (int i = offset; i < offset + length; i++) {
      if (into[i].hasRemaining()) {
        return read(into[i]); // one buffer at a time, as Undertow does itself
      }
    }
    return 0;
  }

  /** Undertow never sees the end of a connection without a request; {@link IdleClose} says why. */
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
      // The connection has been reset, which means the same.
    }
    idleClose.begin();
    return 0;
  }

  /**
   * Says GOAWAY and closes. What has to be written before GOAWAY may wait for the client, so the
   * connection is closed after a while in any case.
   */
  private void endHttp2() {
    if (!refused) {
      refused = true;
      http2.sendGoAway(frames.error()); // and closes
      socket
          .getIoThread()
          .executeAfter(() -> IoUtils.safeClose(http2), GRACE_MS, TimeUnit.MILLISECONDS);
    }
  }

  private int noted(int got) {
    if (got > 0 && exchange == null && frames == null) {
      peer.headBegins();
    }
    return got;
  }
}
