package dev.handlermodels.nima.wire;

import dev.handlermodels.api.ProblemException;
import dev.handlermodels.api.launch.Service;
import dev.handlermodels.api.wire.ConnectionReaper;
import dev.handlermodels.api.wire.ConnectionTable;
import dev.handlermodels.api.wire.HeadReader;
import dev.handlermodels.api.wire.Http2Frames;
import dev.handlermodels.api.work.EventStream;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.PeerInfo;
import io.helidon.http.DirectHandler.EventType;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Headers;
import io.helidon.http.RequestException;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.ProxyProtocolData;
import io.helidon.webserver.Router;
import io.helidon.webserver.ServerConnectionException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * A connection as Helidon sees it. Whatever Helidon reads and writes passes through here, on the
 * connection's own thread. Helidon 4.5.0 waits without end for the rest of a head, for a body, and
 * for a client that does not read. So heads and answers are announced to {@link ConnectionReaper},
 * which closes slow connections, and bodies are read by {@link BodyReader}.
 */
public final class Connection implements ConnectionContext {
  private static final ScopedValue<Connection> CURRENT = ScopedValue.newInstance();
  private static final Header EVENT_STREAM =
      HeaderValues.createCached(HeaderNames.CONTENT_TYPE, EventStream.CONTENT_TYPE);

  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  /**
   * All connections share it, as the next one: thousands may leave or be closed at once, and each
   * would make exceptions with their stack traces.
   */
  private static final CloseConnectionException CLIENT_LEFT =
      new CloseConnectionException("the client has left between requests");

  private static final CloseConnectionException NO_ROOM =
      new CloseConnectionException("there is no room for another connection");

  /** What the cost of a connection and of a request in flight covers. */
  private static final int USUAL_BYTES = 1024;

  /**
   * Helidon keeps what it has read last until it reads again, which may be long: of a large head
   * that is this much.
   */
  private static final int END_OF_HEAD_BYTES = 128;

  /** A head is held as Helidon has read it, as its fields, and as text by whoever looks at it. */
  private static final int COPIES_OF_HEAD = 4;

  private final ConnectionContext helidon;
  private final HelidonSocket socket;
  private final SlimSocket slim;
  private final ConnectionReaper.Peer peer;
  private final Service service;
  private final BodyReader body;
  private final DataReader reader = DataReader.create(this::read);
  private final HeadReader head = new HeadReader();

  /** What has come and is not yet handed on. */
  private ByteBuffer unread = NOTHING;

  /** Another one from the preface of HTTP/2 on. */
  private volatile DataWriter writer;

  /** Null over HTTP/1.1. */
  private volatile Http2Streams http2;

  /** Null unless the connection is a WebSocket. */
  private volatile ChatSocket chat;

  private BooleanSupplier betweenRequests = () -> true;
  private Status status;
  private boolean knowsProtocol;
  private boolean midRequest;
  private boolean streaming;
  private boolean answering;

  /** Of the request in flight. */
  private int headBytes;

  /** What Helidon gets by its next read; null for nothing. */
  private byte[] endOfHead;

  /** No request is in flight, and nothing of the next one has come. */
  private volatile boolean idle;

  /** Connections of which nothing has come; null when something has. */
  private AtomicInteger newcomers;

  /**
   * @throws CloseConnectionException where there are MAX_CONNECTIONS already, or
   *     MAX_CONNECTIONS_PER_CLIENT, or no memory for more
   */
  Connection(ConnectionContext helidon, Service service, AtomicInteger newcomers) {
    this.helidon = helidon;
    this.socket = helidon.serverSocket();
    this.slim = new SlimSocket(socket);
    this.service = service;
    this.peer =
        service.slowPeers().connected(this::ends, socket::isConnected, this::cut, this::reset);
    if (peer == null) {
      throw NO_ROOM;
    }
    this.newcomers = newcomers;
    newcomers.incrementAndGet();
    this.body = new BodyReader(this::more, service);
    this.writer = new AnswerWriter(this, slim);
  }

  /** The connection whose HTTP/1.1 request the calling thread serves; null over HTTP/2. */
  public static Connection current() {
    return CURRENT.isBound() ? CURRENT.get() : null;
  }

  /** Serves requests of HTTP/1.1, which can ask for it as {@link #current}. */
  void serve(Runnable requests) {
    ScopedValue.where(CURRENT, this).run(requests);
  }

  /** Whether the request is of HTTP/1.0. */
  public boolean isOld() {
    return head.isOld();
  }

  /** HTTP ends with this request, whose answer is 101. */
  public void becomes(ChatSocket socket) {
    writer = slim; // a slow reader has limits of its own
    chat = socket;
  }

  /** Null unless it is a WebSocket. */
  ChatSocket chat() {
    return chat;
  }

  ConnectionReaper.Peer peer() {
    return peer;
  }

  /** Closes the connection at once, whatever is under way. */
  void cut() {
    Http2Streams streams = http2;
    if (streams != null) {
      streams.goAwayNow();
    }
    close();
  }

  /** The same by a reset, so that the kernel does not keep what the client has not taken. */
  void reset() {
    slim.closeByReset();
    cut();
  }

  /** Null where it is closed. */
  private ConnectionTable.Connection ends() {
    try {
      return ConnectionTable.Connection.of(
          (InetSocketAddress) helidon.localPeer().address(),
          (InetSocketAddress) helidon.remotePeer().address());
    } catch (UncheckedIOException | NullPointerException _) {
      return null;
    }
  }

  /** Whether more has come than the head of the request in flight: its body, or other requests. */
  public boolean hasUnread() {
    return unread.hasRemaining();
  }

  /** Whether it may be closed without harm to anybody. */
  boolean isIdle() {
    return idle;
  }

  void close() {
    try {
      socket.close();
    } catch (UncheckedIOException _) {
      // It has been closed meanwhile.
    }
  }

  /**
   * @param asked true while the request line is awaited, whose first bytes may be here
   */
  void isBetweenRequests(BooleanSupplier asked) {
    betweenRequests = asked;
    knowsProtocol = true;
  }

  /** Waits until the first bytes tell the protocol; true for HTTP/2. */
  boolean beginsWithPreface() {
    int length = 1;
    while (true) {
      byte[] first = firstBytes(length);
      length = first.length + 1;
      switch (Http2Frames.begins(ByteBuffer.wrap(first))) {
        case HTTP1 -> {
          reader.skip(first.length);
          unread = ByteBuffer.wrap(first);
          return false;
        }
        case HTTP2 -> {
          http2 = new Http2Streams(this, helidon, slim, service, peer);
          writer = new FrameWriter(http2, slim);
          http2.received(first);
          return true;
        }
        case UNKNOWN -> {} // until more has come
      }
    }
  }

  /** Waits for so many bytes. They stay in the reader, for Helidon. */
  private byte[] firstBytes(int atLeast) {
    try {
      reader.getBuffer(atLeast);
      return Http2Streams.bytes(reader.getBuffer(reader.available()));
    } catch (DataReader.InsufficientDataAvailableException e) {
      throw new CloseConnectionException("the client has left before it began", e);
    }
  }

  void endHttp2() {
    http2.end();
    http2.linger();
  }

  /** HTTP/2 only: closes the connection after the last answer. */
  void closeWhenAnswered() {
    http2.closeWhenAnswered();
  }

  /** Null at the end of the connection. */
  private byte[] read() {
    try {
      if (http2 != null) {
        return readFrames();
      }
      if (chat != null) {
        return readChat();
      }
      if (!knowsProtocol) {
        idle = true;
        byte[] first = slim.read();
        idle = false;
        isNoNewcomer();
        peer.headBegins();
        return first;
      }
      if (endOfHead != null) {
        return endOfHead();
      }
      body.throwIfRefused();
      return betweenRequests.getAsBoolean() ? readHead() : body.read();
    } catch (UncheckedIOException e) {
      throw new ServerConnectionException("the connection broke", e);
    }
  }

  /** What Helidon shall read as frames, once there is something; null at the end. */
  private byte[] readChat() {
    chat.settle();
    while (unread.hasRemaining() || readMore()) {
      ByteBuffer frames = chat.received(unread);
      unread = NOTHING;
      if (frames.hasRemaining()) {
        byte[] bytes = new byte[frames.remaining()];
        frames.get(bytes);
        return bytes;
      }
    }
    return null;
  }

  private byte[] readFrames() {
    byte[] bytes = slim.read();
    if (bytes != null) {
      http2.received(bytes);
    }
    return bytes;
  }

  /**
   * Waits for a whole head; null where the connection ends within it. While requests are sent ahead
   * nothing else here waits, so all others get a turn first. Thread.yield would not do: a carrier
   * looks for virtual threads that others have woken only when none of its own is ready (JDK 25).
   *
   * @throws RequestException which Helidon answers by {@code Dispatcher.invalid}
   * @throws CloseConnectionException where the connection ends before it
   */
  private byte[] readHead() {
    requestEnds();
    head.begin();
    headBytes = 0;
    holdsNow(); // less than before
    idle = !unread.hasRemaining();
    if (!idle) {
      LockSupport.parkNanos(1); // others' turn
    }
    try {
      while (unread.hasRemaining() || readMore()) {
        idle = false;
        isNoNewcomer();
        peer.headBegins();
        if (head.read(unread)) {
          return wholeHead();
        }
        unread = NOTHING;
        holdsNow();
      }
    } catch (ProblemException e) {
      throw RequestException.builder()
          .type(EventType.BAD_REQUEST)
          .status(Status.create(e.problem().status()))
          .message(e.getMessage())
          .build();
    }
    if (idle) {
      throw CLIENT_LEFT;
    }
    return null;
  }

  private byte[] wholeHead() {
    byte[] whole = head.head(true);
    headBytes = whole.length;
    if (!unread.hasRemaining()) {
      unread = NOTHING; // which holds what it was read from
    }
    holdsNow();
    if (whole.length <= USUAL_BYTES) {
      return whole;
    }
    int end = whole.length - END_OF_HEAD_BYTES;
    endOfHead = Arrays.copyOfRange(whole, end, whole.length);
    return Arrays.copyOf(whole, end);
  }

  /** Of the head that Helidon reads. */
  private byte[] endOfHead() {
    byte[] end = endOfHead;
    endOfHead = null;
    return end;
  }

  /**
   * @throws CloseConnectionException where there is no memory for what is held
   */
  private void holdsNow() {
    int bytes =
        (headBytes == 0 ? head.heldBytes() : COPIES_OF_HEAD * headBytes) + unread.capacity();
    if (!peer.holds(bytes > USUAL_BYTES ? bytes : 0)) {
      throw new CloseConnectionException("there is no memory for a head");
    }
  }

  private boolean readMore() {
    byte[] bytes = slim.read();
    if (bytes != null) {
      unread = ByteBuffer.wrap(bytes);
    }
    return bytes != null;
  }

  /** What comes next; null at the end of the connection. */
  private ByteBuffer more() {
    return unread.hasRemaining() || readMore() ? unread : null;
  }

  /** When Helidon awaits the next request, the kernel has the whole answer to this one. */
  private void requestEnds() {
    if (answering) {
      answering = false;
      peer.answerEnds();
    }
    if (midRequest) {
      midRequest = false;
      peer.requestEnds();
    }
  }

  void disconnected() {
    isNoNewcomer();
    peer.disconnected();
  }

  private void isNoNewcomer() {
    if (newcomers != null) {
      newcomers.decrementAndGet();
      newcomers = null;
    }
  }

  /** Helidon has read a head. The body or a part of it may have come with the head. */
  void headRead(Headers headers) {
    midRequest = true;
    peer.headEnds();
    body.begin(headers);
    try {
      headers.forEach(Header::validate); // without Helidon's own view of Host
    } catch (IllegalArgumentException e) {
      throw RequestException.builder()
          .type(EventType.BAD_REQUEST)
          .message("a field")
          .cause(e)
          .build();
    }
  }

  /** The status of the answer whose head comes next. */
  void answerHas(Status answered) {
    status = answered;
  }

  /**
   * Helidon is about to write the head of an answer over HTTP/1.1. It gives each a length: also 204
   * and 304, and HEAD of a stream, where it is not the length of what GET has (RFC 9110, 8.6).
   */
  void answerBegins(ServerResponseHeaders headers) {
    streaming = headers.contains(EVENT_STREAM);
    if (streaming || status.code() == 204 || status.code() == 304) {
      headers.remove(HeaderNames.CONTENT_LENGTH);
    }
    if (streaming && head.isOld()) {
      headers.remove(HeaderNames.TRANSFER_ENCODING); // see AnswerWriter
    }
    if (!streaming && !answering) {
      answering = true;
      peer.answerBegins();
    }
  }

  /**
   * A write over HTTP/1.1 is about to begin; it waits while the client does not read. Most writes
   * belong to an answer or a stream, which are watched already. Others are interim answers, about
   * whose heads Helidon tells nobody.
   *
   * @return whether this is an interim answer, for {@link #writeEnds}
   */
  boolean writeBegins() {
    boolean interim = !streaming && !answering;
    if (interim) {
      peer.answerBegins();
    }
    return interim;
  }

  /** Whether the request is HEAD, whose answer ends with its head. */
  boolean isToHead() {
    return head.isHead();
  }

  /** Whether chunks are written to a client that knows none, as it speaks HTTP/1.0. */
  boolean isWithoutChunks() {
    return streaming && head.isOld();
  }

  void writeEnds(boolean interim) {
    if (interim) {
      peer.answerEnds();
    }
  }

  @Override
  public DataReader dataReader() {
    return reader;
  }

  @Override
  public DataWriter dataWriter() {
    return writer;
  }

  @Override
  public ListenerContext listenerContext() {
    return helidon.listenerContext();
  }

  @Override
  public ExecutorService executor() {
    return http2 == null ? helidon.executor() : http2;
  }

  @Override
  public Router router() {
    return helidon.router();
  }

  @Override
  public Optional<ProxyProtocolData> proxyProtocolData() {
    return helidon.proxyProtocolData();
  }

  @Override
  public HelidonSocket serverSocket() {
    return socket;
  }

  @Override
  public PeerInfo remotePeer() {
    return helidon.remotePeer();
  }

  @Override
  public PeerInfo localPeer() {
    return helidon.localPeer();
  }

  @Override
  public boolean isSecure() {
    return helidon.isSecure();
  }

  @Override
  public String socketId() {
    return helidon.socketId();
  }

  @Override
  public String childSocketId() {
    return helidon.childSocketId();
  }
}
