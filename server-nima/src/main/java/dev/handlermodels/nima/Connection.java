package dev.handlermodels.nima;

import dev.handlermodels.api.ChunkedBody;
import dev.handlermodels.api.EventStream;
import dev.handlermodels.api.Limit;
import dev.handlermodels.api.ProblemException;
import dev.handlermodels.api.Problems;
import dev.handlermodels.api.Service;
import dev.handlermodels.api.SlowPeers;
import io.helidon.common.buffers.BufferData;
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
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.ProxyProtocolData;
import io.helidon.webserver.Router;
import io.helidon.webserver.ServerConnectionException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/**
 * A connection as Helidon sees it, but what it reads and writes passes here, on the connection's
 * own thread. Helidon 4.5.0 waits without end for the rest of a head, for a body, and for a client
 * that does not read; and it skips two bytes behind a chunk without a look. So heads and answers
 * are announced to {@link SlowPeers}, a body is read by a second thread for which this one waits no
 * longer than REQUEST_TIMEOUT_MS, and chunks are checked by {@link ChunkedBody} on their way.
 */
final class Connection implements ConnectionContext {
  private static final Header EVENT_STREAM =
      HeaderValues.createCached(HeaderNames.CONTENT_TYPE, EventStream.CONTENT_TYPE);

  private final ConnectionContext helidon;
  private final HelidonSocket socket;
  private final SlowPeers.Peer peer;
  private final Limit.Counts limits;
  private final int bodyTimeoutMs;
  private final DataReader reader = DataReader.create(this::read);
  private final DataWriter writer;
  private BooleanSupplier betweenRequests = () -> true;
  private boolean midHead;
  private boolean midRequest;
  private boolean streaming;
  private boolean answering;

  /** 0 until the body of this request is waited for. */
  private long bodyDeadlineNanos;

  /** Null but while a chunked body comes. */
  private ChunkedBody chunks;

  /** Why nothing is read any more: Helidon tries to skip the rest of a body that is none. */
  private ProblemException refusal;

  /**
   * @throws CloseConnectionException where there is one too many
   */
  Connection(ConnectionContext helidon, Service service) {
    this.helidon = helidon;
    this.socket = helidon.serverSocket();
    this.peer = service.slowPeers().connected(socket::isConnected, this::cut);
    if (peer == null) {
      throw new CloseConnectionException("there are MAX_CONNECTIONS already");
    }
    this.limits = service.limits();
    this.bodyTimeoutMs = service.settings().requestTimeoutMs();
    this.writer = new AnswerWriter(helidon.dataWriter());
  }

  private void cut() {
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
  }

  /** Null at the end of the connection. */
  private byte[] read() {
    if (refusal != null) {
      throw refusal;
    }
    try {
      return midHead || betweenRequests.getAsBoolean() ? readHead() : readBody();
    } catch (UncheckedIOException e) {
      throw new ServerConnectionException("the connection broke", e);
    }
  }

  private byte[] readHead() {
    requestEnds();
    if (reader.available() > 0) {
      headBegins(); // it came together with the request before
    }
    byte[] bytes = socket.get();
    headBegins();
    return bytes;
  }

  private void headBegins() {
    midHead = true;
    peer.headBegins();
  }

  /** Its answer is in the kernel's hands when the next request is awaited. */
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
    peer.disconnected();
  }

  private byte[] readBody() {
    if (bodyDeadlineNanos == 0) {
      bodyDeadlineNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(bodyTimeoutMs);
    }
    byte[] bytes = readUntil(bodyDeadlineNanos);
    if (chunks != null && bytes != null) {
      check(ByteBuffer.wrap(bytes));
    }
    return bytes;
  }

  /** Helidon's socket has no time-out, and its channel would be closed by an interrupt. */
  private byte[] readUntil(long deadlineNanos) {
    FutureTask<byte[]> read = new FutureTask<>(socket::get);
    Thread.ofVirtual().name("body").start(read);
    try {
      return read.get(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException _) {
      refusal = Problems.bodyTimeout(bodyTimeoutMs);
      throw refusal; // the connection is closed then, which ends the other thread
    } catch (ExecutionException e) {
      throw new ServerConnectionException("the connection broke", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ServerConnectionException("this server is shutting down", e);
    }
  }

  private void check(ByteBuffer body) {
    try {
      chunks.decode(body, null);
    } catch (ProblemException e) {
      refusal = e;
      throw e;
    }
    if (chunks.isOver()) {
      chunks = null;
    }
  }

  /** Helidon has read a head; the body, or a part of it, may have come with it. */
  void headRead(Headers headers) {
    requestEnds(); // of the one before, where the whole head came together with it
    midHead = false;
    midRequest = true;
    peer.headEnds();
    bodyDeadlineNanos = 0;
    chunks = headers.contains(HeaderNames.TRANSFER_ENCODING) ? new ChunkedBody() : null;
    int buffered = chunks == null ? 0 : reader.available();
    if (buffered > 0) {
      BufferData body = reader.getBuffer(buffered);
      try {
        check(ByteBuffer.wrap(body.readBytes()));
      } catch (ProblemException e) {
        if (e.problem().status() == 400) { // all that Handlers.invalid is told
          limits.refused(e);
        }
        throw RequestException.builder()
            .type(EventType.BAD_REQUEST)
            .status(Status.create(e.problem().status()))
            .message(e.getMessage())
            .build();
      }
    }
  }

  /** Helidon is about to write an answer. */
  void answerBegins(Headers headers) {
    streaming = headers.contains(EVENT_STREAM);
    if (!streaming && !answering) {
      answering = true;
      peer.answerBegins();
    }
  }

  /**
   * The thread stands still in a write while the client does not read. Streams have a limit of
   * their own; an interim answer has no head of which we are told.
   */
  private void write(Runnable toSocket) {
    if (streaming || answering) {
      toSocket.run();
      return;
    }
    peer.answerBegins();
    toSocket.run();
    peer.answerEnds();
  }

  private final class AnswerWriter implements DataWriter {
    private final DataWriter helidonWriter;

    AnswerWriter(DataWriter helidonWriter) {
      this.helidonWriter = helidonWriter;
    }

    @Override
    public void write(BufferData... buffers) {
      Connection.this.write(() -> helidonWriter.write(buffers));
    }

    @Override
    public void write(BufferData buffer) {
      Connection.this.write(() -> helidonWriter.write(buffer));
    }

    @Override
    public void writeNow(BufferData... buffers) {
      Connection.this.write(() -> helidonWriter.writeNow(buffers));
    }

    @Override
    public void writeNow(BufferData buffer) {
      Connection.this.write(() -> helidonWriter.writeNow(buffer));
    }

    @Override
    public void flush() {
      helidonWriter.flush();
    }

    @Override
    public void close() {
      helidonWriter.close();
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
    return helidon.executor();
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
