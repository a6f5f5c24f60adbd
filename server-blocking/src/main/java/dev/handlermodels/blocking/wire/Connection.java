package dev.handlermodels.blocking.wire;

import dev.handlermodels.api.ProblemException;
import dev.handlermodels.api.Problems;
import dev.handlermodels.api.launch.Service;
import dev.handlermodels.api.wire.ConnectionReaper;
import dev.handlermodels.api.wire.ConnectionTable;
import dev.handlermodels.api.wire.HeadReader;
import dev.handlermodels.api.wire.Http2Frames;
import io.undertow.protocols.http2.Http2Channel;
import io.undertow.server.Connectors;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.protocol.http.HttpOpenListener;
import io.undertow.server.protocol.http.HttpServerConnection;
import io.undertow.util.AttachmentKey;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.xnio.IoUtils;
import org.xnio.Options;
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

  /** What the cost of a connection and of a request in flight covers. */
  private static final int USUAL_BYTES = 1024;

  /** A field of a head is held as bytes by Undertow, and as text by whoever looks at it. */
  private static final int COPIES_OF_HEAD = 3;

  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private static final ProblemException NO_MEMORY = Problems.noMemory();

  /** Shared by all connections, because it is never changed. */
  private static final ProblemException NOT_HTTP = Problems.notHttp();

  /** No parser takes this for a request. */
  private static final byte[] NO_REQUEST = {0, '\r', '\n', '\r', '\n'};

  private final StreamConnection socket;
  private final Service service;
  private final ConnectionReaper.Peer peer;
  private final IdleClose idleClose;
  private final ParserErrorConduit out;
  private final SentAhead sentAhead;

  private final HeadReader head = new HeadReader();

  /** What has come and is not yet handed on. */
  private ByteBuffer unread = NOTHING;

  /** A head that has been checked, as far as Undertow has not read it. */
  private ByteBuffer checked = NOTHING;

  /** Whether the head of the request has been handed on whole; what follows is its body. */
  private boolean headIsWhole;

  /** The length of that head. */
  private int headBytes;

  /** Whether the latest head, as far as it is known, is that of a HEAD. */
  private boolean isHead;

  /** What to say when Undertow refuses a head, its parser or its check of Host. */
  private ProblemException refusal = NOT_HTTP;

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

  /** Null over HTTP/1.1. */
  private volatile Http2Requests http2Requests;

  /** Null unless the connection is a WebSocket. */
  private volatile Upgraded upgraded;

  /** What reads a connection that does not speak HTTP any more. */
  public interface Upgraded {
    /** Looks at what has come, and gives what Undertow shall read instead. */
    ByteBuffer received(ByteBuffer bytes);

    /** Whether {@link #settle} has something to do. */
    boolean isUnsettled();

    /** Undertow has read all that this gave it. */
    void settle();

    /** The connection has ended. */
    void ended();
  }

  private Connection(
      StreamConnection socket, StreamSourceConduit next, Service service, SentAhead sentAhead) {
    super(next);
    this.sentAhead = sentAhead;
    this.socket = socket;
    this.service = service;
    this.idleClose = new IdleClose(socket);
    this.peer =
        service.slowPeers().connected(this::ends, socket::isOpen, this::cutSoon, this::resetSoon);
    ConduitStreamSinkChannel sink = socket.getSinkChannel();
    sink.setConduit(new PieceConduit(sink.getConduit()));
    this.out =
        ParserErrorConduit.insert(
            sink,
            () -> exchange != null || frames != null || upgraded != null,
            () -> new ParserErrorConduit.Refusal(refusal, isHead));
  }

  /** Announces a connection and hands it to Undertow; closes it if there are too many. */
  public static void open(
      StreamConnection socket, Service service, HttpOpenListener http, SentAhead sentAhead) {
    ConduitStreamSourceChannel in = socket.getSourceChannel();
    Connection connection = new Connection(socket, in.getConduit(), service, sentAhead);
    if (connection.peer == null) {
      IoUtils.safeClose(socket);
      return;
    }
    in.setConduit(connection);
    socket.setCloseListener(_ -> connection.ended());
    if (service.settings().http2()) {
      Http2.offer(http, socket, connection);
    } else {
      connection.knowsProtocol = true;
      http.handleEvent(socket);
    }
  }

  private void ended() {
    peer.disconnected();
    if (http2Requests != null) {
      http2Requests.connectionEnds();
    }
    if (upgraded != null) {
      upgraded.ended();
    }
  }

  /** HTTP ends with this request, whose answer is 101. */
  public void becomes(Upgraded reader) {
    upgraded = reader;
  }

  public ConnectionReaper.Peer peer() {
    return peer;
  }

  /** Closes it when what was written has left; for any thread. */
  public void closeSoon() {
    socket.getIoThread().execute(() -> IoUtils.safeClose(socket));
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
    if (http2 == null) {
      IoUtils.safeClose(unfinished.getConnection());
    } else if (!isReset(unfinished)) { // another reset might arrive before the first
      // Close the connection first: endExchange would wait for room in the client's window.
      CompletableFuture.runAsync(this::cut, socket.getIoThread())
          .completeOnTimeout(null, GRACE_MS, TimeUnit.MILLISECONDS)
          .join();
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
    http2Requests = new Http2Requests(socket.getIoThread());
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
      http2Requests.begins();
    }
  }

  /** Somebody waits for the body of this request. */
  public void bodyBegins(HttpServerExchange begun) {
    if (http2 != null) {
      http2Requests.bodyBegins(begun);
    }
  }

  /** The body is whole. */
  public void bodyEnds(HttpServerExchange begun) {
    if (http2 != null) {
      http2Requests.bodyEnds(begun);
    }
  }

  /** An answer is handed to Undertow. */
  public void answerBegins(HttpServerExchange answered) {
    if (http2 == null) {
      answering = true;
      peer.answerBegins();
    } else {
      http2Requests.awaitsEnd(answered);
      service
          .slowPeers()
          .answerBegins(() -> socket.isOpen() && !answered.isResponseComplete(), this::cutSoon);
    }
  }

  /** Nothing more is done for this request, which Undertow has to end. */
  public void awaitsEnd(HttpServerExchange over) {
    if (http2 != null) {
      http2Requests.awaitsEnd(over);
    }
  }

  /** A request has been answered, and its body has been read to the end. */
  public void requestEnds(HttpServerExchange ended) {
    if (http2 != null) {
      if (http2Requests.ends(ended) == 0 && service.traffic().draining()) {
        socket.getIoThread().execute(this::goAwayIfAnswered); // it may be reading another request
      }
      return;
    }
    exchange = null;
    headIsWhole = false;
    if (upgraded != null) {
      return; // it is no longer idle between two requests
    }
    if (answering) { // not for a stream of events, which has its own limit
      answering = false;
      peer.answerEnds();
    }
    peer.requestEnds();
    if (headBytes > USUAL_BYTES) {
      ParserMemory.letGo((HttpServerConnection) ended.getConnection());
    }
    holdsNow(); // less than before
    if (unread.hasRemaining()) {
      peer.headBegins(); // the next request came with this one
    }
  }

  private void goAwayIfAnswered() {
    if (http2Requests.inFlight() == 0) {
      http2.sendGoAway(Http2Channel.ERROR_NO_ERROR); // and closes
    }
  }

  private void cutSoon() {
    socket.getIoThread().execute(this::cut);
  }

  private ConnectionTable.Connection ends() {
    return ConnectionTable.Connection.of(
        socket.getLocalAddress(InetSocketAddress.class),
        socket.getPeerAddress(InetSocketAddress.class));
  }

  /** The same by a reset, so that the kernel does not keep what the client has not taken. */
  public void resetSoon() {
    socket.getIoThread().execute(this::reset);
  }

  private void reset() {
    try {
      socket.setOption(Options.CLOSE_ABORT, true);
    } catch (IOException _) {
      // It is closed already.
    }
    cut();
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
    if (upgraded != null && exchange == null) {
      return readUpgraded(into);
    }
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

  private int readUpgraded(ByteBuffer into) throws IOException {
    int start = into.position();
    if (!checked.hasRemaining()) {
      upgraded.settle();
    }
    while (!checked.hasRemaining()) {
      if (!unread.hasRemaining()) {
        int got = next.read(into);
        if (got <= 0) {
          if (got < 0) {
            IoUtils.safeClose(socket); // Undertow would still try to say Close
          }
          return got;
        }
        byte[] bytes = new byte[got];
        into.get(into.position(start).position(), bytes);
        into.position(start);
        unread = ByteBuffer.wrap(bytes);
      }
      checked = upgraded.received(unread);
      unread = NOTHING;
    }
    int given = move(checked, into);
    if (!checked.hasRemaining()) {
      checked = NOTHING;
    }
    if (hasUnread() && next.isReadResumed()) {
      next.wakeupReads(); // Undertow waits for the socket, which may have nothing more
    }
    return given;
  }

  /**
   * Gives nothing until a head is whole and has been checked. What has been handed on is let go: a
   * connection may wait long for its next request.
   */
  private int readHead(ByteBuffer into) throws IOException {
    int start = into.position();
    while (!checked.hasRemaining()) {
      if (headIsWhole) {
        return refuseUnread();
      }
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
    int given = move(checked, into);
    if (!checked.hasRemaining()) {
      checked = NOTHING;
    }
    return given;
  }

  /**
   * Undertow has refused a head by itself, for its Host, and reads the body before it answers. It
   * may not come, so the answer leaves now and the connection ends.
   */
  private int refuseUnread() {
    out.refuse();
    IoUtils.safeClose(socket);
    return -1;
  }

  private void checkHead() {
    try {
      headIsWhole = head.read(unread);
      isHead = head.isHead();
      if (headIsWhole) {
        byte[] whole = head.head(false);
        checked = ByteBuffer.wrap(whole);
        headBytes = whole.length;
        head.begin();
      }
      releaseRead();
      if (!holdsNow()) {
        refuse(NO_MEMORY); // which has been counted
      }
    } catch (ProblemException e) {
      isHead = head.isHead();
      service.limits().refused(e);
      refuse(e);
    }
  }

  /** Has Undertow's parser refuse what comes, and answers so. */
  private void refuse(ProblemException why) {
    refusal = why;
    checked = ByteBuffer.wrap(NO_REQUEST);
    unread = NOTHING;
    headIsWhole = false;
    head.begin();
  }

  /**
   * Counts what is held for the client beyond the usual: a part of a head, the head of the request
   * in flight, and what has come behind it, which is one buffer of Undertow's at most.
   *
   * @return false where there is no memory for it
   */
  private boolean holdsNow() {
    int bytes = (headIsWhole ? COPIES_OF_HEAD * headBytes : head.heldBytes()) + unread.capacity();
    return peer.holds(bytes > USUAL_BYTES ? bytes : 0);
  }

  private int readBody(ByteBuffer into) throws IOException {
    if (!unread.hasRemaining()) {
      return next.read(into);
    }
    int given = move(unread, into);
    releaseRead();
    return given;
  }

  private void releaseRead() {
    if (!unread.hasRemaining()) {
      unread = NOTHING;
    }
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
    holdsNow(); // at most one buffer more, which is let go with this request
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
    return unread.hasRemaining()
        || checked.hasRemaining()
        || upgraded != null && exchange == null && upgraded.isUnsettled();
  }

  /** Whether more has come than this request, whose body has been read to the end. */
  public boolean isSentAhead(HttpServerExchange current) {
    return http2 == null && unread.hasRemaining() && current.isRequestComplete();
  }

  @Override
  public void resumeReads() {
    if (!hasUnread()) {
      next.resumeReads();
    } else if (exchange == null && upgraded == null && frames == null) {
      next.resumeReads();
      sentAhead.add(socket.getIoThread(), this::takeTurn);
    } else {
      next.wakeupReads();
    }
  }

  /** It may have had one already, where more came from the socket. */
  private void takeTurn() {
    if (socket.isOpen() && hasUnread() && next.isReadResumed()) {
      next.wakeupReads();
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
