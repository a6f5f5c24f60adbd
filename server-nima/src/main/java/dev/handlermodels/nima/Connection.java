package dev.handlermodels.nima;

import dev.handlermodels.api.ProblemException;
import dev.handlermodels.api.Problems;
import dev.handlermodels.api.launch.Service;
import dev.handlermodels.api.wire.Bodies;
import dev.handlermodels.api.wire.ChunkedBody;
import dev.handlermodels.api.wire.ConnectionReaper;
import dev.handlermodels.api.wire.Http2Frames;
import dev.handlermodels.api.work.EventStream;
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
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * A connection as Helidon sees it, but what it reads and writes passes here, on the connection's
 * own thread. Helidon 4.5.0 waits without end for the rest of a head, for a body, and for a client
 * that does not read; and it skips two bytes behind a chunk without a look. So heads and answers
 * are announced to {@link ConnectionReaper}, a body is read by a second thread for which this one
 * waits no longer than REQUEST_TIMEOUT_MS, and chunks are checked by {@link ChunkedBody} on their
 * way.
 */
final class Connection implements ConnectionContext {
  private static final ScopedValue<Streams> STREAMS = ScopedValue.newInstance();

  /** For what has still to be said, or the client to send. */
  private static final int LAST_WORDS_MS = 1000;

  private static final Header EVENT_STREAM =
      HeaderValues.createCached(HeaderNames.CONTENT_TYPE, EventStream.CONTENT_TYPE);

  private final ConnectionContext helidon;
  private final HelidonSocket socket;
  private final ConnectionReaper.Peer peer;
  private final Service service;
  private final int bodyTimeoutMs;
  private final DataReader reader = DataReader.create(this::read);
  private final DataWriter writer;

  /** Null over HTTP/1.1. */
  private volatile Streams streams;

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
    this.service = service;
    this.peer = service.slowPeers().connected(socket::isConnected, this::cut);
    if (peer == null) {
      throw new CloseConnectionException("there are MAX_CONNECTIONS already");
    }
    this.bodyTimeoutMs = service.settings().requestTimeoutMs();
    this.writer = new AnswerWriter(helidon.dataWriter());
  }

  void cut() {
    Streams http2 = streams;
    if (http2 != null) {
      http2.goAwayNow();
    }
    close();
  }

  private void close() {
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

  /** Whether what comes is HTTP/2; returns when that can be told. */
  boolean beginsWithPreface() {
    int length = 1;
    while (true) {
      byte[] first = firstBytes(length);
      length = first.length + 1;
      switch (Http2Frames.begins(ByteBuffer.wrap(first))) {
        case HTTP1 -> {
          return false;
        }
        case HTTP2 -> {
          streams = new Streams();
          if (!streams.frames.received(ByteBuffer.wrap(first))) {
            cut();
            throw new CloseConnectionException("too many frames");
          }
          return true;
        }
        case UNKNOWN -> {} // until more has come
      }
    }
  }

  /** Nothing is taken from them. */
  private byte[] firstBytes(int atLeast) {
    try {
      reader.getBuffer(atLeast); // waits for them
      return Streams.bytes(reader.getBuffer(reader.available()));
    } catch (DataReader.InsufficientDataAvailableException e) {
      throw new CloseConnectionException("the client has left before it began", e);
    }
  }

  /** The streams on which the calling thread answers; null where it does so over HTTP/1.1. */
  static Streams streams() {
    return STREAMS.isBound() ? STREAMS.get() : null;
  }

  void endHttp2() {
    streams.end();
    linger();
  }

  /** What was said last would be lost to a client who still sends: RFC 9112, 9.6. */
  private void linger() {
    FutureTask<Void> rest = new FutureTask<>(this::skipToEnd, null);
    Thread.ofVirtual().name("rest").start(rest);
    try {
      rest.get(LAST_WORDS_MS, TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException _) {
      // That was time enough, or the connection is closed already.
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void skipToEnd() {
    while (socket.get() != null) {
      // as nothing is answered any more
    }
  }

  void closeWhenAnswered() {
    streams.closeWhenAnswered();
  }

  /** Null at the end of the connection. */
  private byte[] read() {
    if (streams != null) {
      return readFrames();
    }
    if (refusal != null) {
      throw refusal;
    }
    try {
      return midHead || betweenRequests.getAsBoolean() ? readHead() : readBody();
    } catch (UncheckedIOException e) {
      throw new ServerConnectionException("the connection broke", e);
    }
  }

  private byte[] readFrames() {
    try {
      byte[] bytes = socket.get();
      if (bytes != null && !streams.frames.received(ByteBuffer.wrap(bytes))) {
        streams.goAway(streams.frames.goAway(), LAST_WORDS_MS);
        throw new CloseConnectionException("too many frames");
      }
      return bytes;
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
          service.limits().refused(e);
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
      pass(() -> helidonWriter.write(buffers), buffers);
    }

    @Override
    public void write(BufferData buffer) {
      pass(() -> helidonWriter.write(buffer), buffer);
    }

    @Override
    public void writeNow(BufferData... buffers) {
      pass(() -> helidonWriter.writeNow(buffers), buffers);
    }

    @Override
    public void writeNow(BufferData buffer) {
      pass(() -> helidonWriter.writeNow(buffer), buffer);
    }

    private void pass(Runnable toSocket, BufferData... buffers) {
      if (streams == null) {
        Connection.this.write(toSocket);
      } else {
        streams.write(BufferData.create(buffers));
      }
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

  /**
   * What only HTTP/2 has: many requests on one connection, each on a virtual thread of its own.
   * Helidon leaves these threads where they are when the connection ends, so this one ends them.
   */
  final class Streams extends AbstractExecutorService {
    private static final long MAX_PAUSE_MS = 500;
    private static final String HAS_ENDED = "the connection has ended";

    private final Http2Frames frames = service.http2Frames(peer);
    private final Set<Thread> running = ConcurrentHashMap.newKeySet();
    private final ReentrantLock writing = new ReentrantLock();
    private volatile boolean closing;
    private volatile boolean ended;

    @Override
    public void execute(Runnable stream) {
      helidon.executor().execute(() -> run(stream));
    }

    private void run(Runnable stream) {
      running.add(Thread.currentThread());
      try {
        if (!ended) {
          ScopedValue.where(STREAMS, this).run(stream);
        }
      } finally {
        running.remove(Thread.currentThread());
        closeIfAnswered();
      }
    }

    private void closeWhenAnswered() {
      closing = true;
      closeIfAnswered();
    }

    private void closeIfAnswered() {
      byte[] lastWord = closing || service.traffic().draining() ? frames.goAwayIfAnswered() : null;
      if (lastWord != null) {
        goAway(lastWord, LAST_WORDS_MS);
        Connection.this.close();
      }
    }

    /** The client has reset the stream while its request is worked on. */
    boolean isReset(int stream) {
      return !frames.isOpen(stream);
    }

    /** The thread stands still in here while the client's windows are full. */
    void answer(Runnable send) {
      AtomicBoolean sent = new AtomicBoolean();
      service.slowPeers().answerBegins(() -> !sent.get(), Connection.this::cut);
      try {
        send.run();
      } finally {
        sent.set(true);
      }
    }

    /** Helidon would wait for the rest of it without end. */
    byte[] body(InputStream in) {
      FutureTask<byte[]> read = new FutureTask<>(() -> Bodies.read(in));
      Thread.ofVirtual().name("body").start(read);
      try {
        return read.get(bodyTimeoutMs, TimeUnit.MILLISECONDS);
      } catch (TimeoutException _) {
        throw Problems.bodyTimeout(bodyTimeoutMs);
      } catch (ExecutionException e) {
        throw e.getCause() instanceof RuntimeException known
            ? known
            : new ServerConnectionException("the connection broke", e.getCause());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CloseConnectionException(HAS_ENDED, e);
      } finally {
        read.cancel(true);
      }
    }

    private void write(BufferData buffer) {
      byte[] bytes = bytes(buffer);
      writing.lock();
      try {
        if (ended) {
          throw new CloseConnectionException(HAS_ENDED);
        }
        frames.nameLastStream(bytes);
        frames.sent(ByteBuffer.wrap(bytes));
        Connection.this.write(() -> helidon.dataWriter().writeNow(BufferData.create(bytes)));
      } finally {
        writing.unlock();
      }
    }

    /** One read takes no more than one part of a buffer. */
    private static byte[] bytes(BufferData buffer) {
      byte[] bytes = new byte[buffer.available()];
      int length = 0;
      while (length < bytes.length) {
        length += buffer.read(bytes, length, bytes.length - length);
      }
      return bytes;
    }

    void goAwayNow() {
      goAway(frames.goAway(), 0);
    }

    /** Not where a write stands still for longer: then nothing more can be said. */
    private void goAway(byte[] lastWord, int patienceMs) {
      if (lockWrites(patienceMs)) {
        try {
          helidon.dataWriter().writeNow(BufferData.create(lastWord));
        } catch (UncheckedIOException _) {
          // The client has gone.
        } finally {
          writing.unlock();
        }
      }
    }

    private boolean lockWrites(int patienceMs) {
      try {
        return writing.tryLock(patienceMs, TimeUnit.MILLISECONDS);
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
        return false;
      }
    }

    /** One interrupt may end one wait of several. */
    private void end() {
      stopWrites();
      long pauseMs = 1;
      while (!running.isEmpty()) {
        running.forEach(Thread::interrupt);
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(pauseMs));
        pauseMs = Math.min(2 * pauseMs, MAX_PAUSE_MS);
      }
    }

    /** An interrupt in one closes the connection, so that is only for one that stands still. */
    private void stopWrites() {
      boolean none = lockWrites(LAST_WORDS_MS);
      ended = true;
      if (none) {
        writing.unlock();
      }
    }

    @Override
    public void shutdown() {
      closing = true;
    }

    @Override
    public List<Runnable> shutdownNow() {
      running.forEach(Thread::interrupt);
      return List.of();
    }

    @Override
    public boolean isShutdown() {
      return closing;
    }

    @Override
    public boolean isTerminated() {
      return closing && running.isEmpty();
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
      return isTerminated();
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
    return streams == null ? helidon.executor() : streams;
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
