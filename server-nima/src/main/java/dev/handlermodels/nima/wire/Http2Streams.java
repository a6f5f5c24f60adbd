package dev.handlermodels.nima.wire;

import dev.handlermodels.api.Problems;
import dev.handlermodels.api.launch.Service;
import dev.handlermodels.api.wire.Bodies;
import dev.handlermodels.api.wire.ConnectionReaper;
import dev.handlermodels.api.wire.Http2Frames;
import io.helidon.common.buffers.BufferData;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ServerConnectionException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntConsumer;

/**
 * The streams of one HTTP/2 connection: many requests at once, each on a virtual thread of its own.
 * Helidon starts these threads through this executor. It leaves them running when the connection
 * ends, so {@link #end} stops them.
 */
public final class Http2Streams extends AbstractExecutorService {
  private static final ScopedValue<Http2Streams> CURRENT = ScopedValue.newInstance();

  /** How long the last frame may wait for another write, and then for the client to take it. */
  private static final int LAST_WORDS_MS = 1000;

  private static final long MAX_PAUSE_MS = 500;
  private static final String HAS_ENDED = "the connection has ended";

  private final Connection connection;
  private final ConnectionContext helidon;
  private final SlimSocket socket;
  private final Service service;
  private final ConnectionReaper.Peer peer;
  private final Http2Frames frames;
  private final Set<Thread> running = ConcurrentHashMap.newKeySet();
  private final ReentrantLock writing = new ReentrantLock();
  private volatile boolean closing;
  private volatile boolean ended;

  Http2Streams(
      Connection connection,
      ConnectionContext helidon,
      SlimSocket socket,
      Service service,
      ConnectionReaper.Peer peer) {
    this.connection = connection;
    this.helidon = helidon;
    this.socket = socket;
    this.service = service;
    this.peer = peer;
    this.frames = service.http2Frames(peer);
  }

  /** The streams to which the calling thread belongs; null where it serves HTTP/1.1. */
  public static Http2Streams current() {
    return CURRENT.isBound() ? CURRENT.get() : null;
  }

  /** Whether the client has reset this stream while its request was being worked on. */
  public boolean isReset(int stream) {
    return !frames.isOpen(stream);
  }

  /** Runs a send, which waits while the client's windows are full, but not for ever. */
  public void answer(Runnable send) {
    AtomicBoolean sent = new AtomicBoolean();
    service.slowPeers().answerBegins(() -> !sent.get(), connection::reset);
    try {
      send.run();
    } catch (IllegalStateException e) {
      // Helidon interrupts a stream when its connection ends, and its writer reports that so.
      throw e.getCause() instanceof InterruptedException
          ? new CloseConnectionException(HAS_ENDED, e)
          : e;
    } finally {
      sent.set(true);
    }
  }

  /** Reads a body within REQUEST_TIMEOUT_MS. Helidon would wait for it without end. */
  public byte[] body(InputStream in, IntConsumer keeps) {
    int timeoutMs = service.settings().requestTimeoutMs();
    FutureTask<byte[]> read = new FutureTask<>(() -> Bodies.read(in, keeps));
    Thread.ofVirtual().name("body").start(read);
    try {
      return read.get(timeoutMs, TimeUnit.MILLISECONDS);
    } catch (TimeoutException _) {
      throw Problems.bodyTimeout(timeoutMs);
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

  @Override
  public void execute(Runnable stream) {
    helidon.executor().execute(() -> run(stream));
  }

  private void run(Runnable stream) {
    running.add(Thread.currentThread());
    try {
      if (!ended) {
        ScopedValue.where(CURRENT, this).run(stream);
      }
    } finally {
      running.remove(Thread.currentThread());
      closeIfAnswered();
    }
  }

  void closeWhenAnswered() {
    closing = true;
    closeIfAnswered();
  }

  private void closeIfAnswered() {
    byte[] lastFrame = closing || service.traffic().draining() ? frames.goAwayIfAnswered() : null;
    if (lastFrame != null) {
      goAway(lastFrame, LAST_WORDS_MS);
      connection.close();
    }
  }

  /**
   * The client has sent these bytes.
   *
   * @throws CloseConnectionException where they hold too many frames, or what no client may send
   */
  void received(byte[] bytes) {
    if (!frames.received(ByteBuffer.wrap(bytes))) {
      goAway(frames.goAway(), LAST_WORDS_MS);
      throw new CloseConnectionException("too many frames, or wrong ones");
    }
  }

  void write(BufferData buffer) {
    byte[] bytes = bytes(buffer);
    writing.lock();
    try {
      if (ended) {
        throw new CloseConnectionException(HAS_ENDED);
      }
      frames.nameLastStream(bytes);
      frames.sent(ByteBuffer.wrap(bytes));
      peer.answerBegins(); // the write waits while the client does not read
      socket.writeNow(BufferData.create(bytes));
      peer.answerEnds();
    } finally {
      writing.unlock();
    }
  }

  /** All bytes of a buffer, of which one read takes no more than one part. */
  static byte[] bytes(BufferData buffer) {
    byte[] bytes = new byte[buffer.available()];
    int length = 0;
    while (length < bytes.length) {
      length += buffer.read(bytes, length, bytes.length - length);
    }
    return bytes;
  }

  /** Says GOAWAY unless another write is under way. */
  void goAwayNow() {
    goAway(frames.goAway(), 0);
  }

  /** Gives up where another write takes longer: then nothing more can be said. */
  private void goAway(byte[] lastFrame, int patienceMs) {
    if (lockWrites(patienceMs)) {
      try {
        socket.writeNow(BufferData.create(lastFrame));
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

  /** Interrupts all threads until they have ended: one interrupt ends one wait of several. */
  void end() {
    stopWrites();
    long pauseMs = 1;
    while (!running.isEmpty()) {
      running.forEach(Thread::interrupt);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(pauseMs));
      pauseMs = Math.min(2 * pauseMs, MAX_PAUSE_MS);
    }
  }

  /** Lets a write end first. An interrupt in a write closes the connection: only if it hangs. */
  private void stopWrites() {
    boolean locked = lockWrites(LAST_WORDS_MS);
    ended = true;
    if (locked) {
      writing.unlock();
    }
  }

  /** Closing at once would lose the last frame for a client that still sends: RFC 9112, 9.6. */
  void linger() {
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
    while (socket.read() != null) {
      // Nothing is answered any more.
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
