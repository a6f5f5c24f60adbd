package dev.handlermodels.nima.wire;

import dev.handlermodels.api.Limit;
import dev.handlermodels.api.ProblemException;
import dev.handlermodels.api.Problems;
import dev.handlermodels.api.launch.Service;
import dev.handlermodels.api.wire.ChunkedBody;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.http.DirectHandler.EventType;
import io.helidon.http.RequestException;
import io.helidon.http.Status;
import io.helidon.webserver.ServerConnectionException;
import java.nio.ByteBuffer;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Reads the bodies of HTTP/1.1 requests from the socket. Helidon 4.5.0 waits without end for a body
 * and skips the two bytes behind a chunk without a look. So the whole body has to come within
 * REQUEST_TIMEOUT_MS, and {@link ChunkedBody} checks its chunks on their way.
 */
final class BodyReader {
  private static final long NOT_AWAITED = 0;

  private final HelidonSocket socket;
  private final Limit.Counts limits;
  private final int timeoutMs;

  /** For the body of the current request. */
  private long deadlineNanos = NOT_AWAITED;

  /** Null unless a chunked body is still coming. */
  private ChunkedBody chunks;

  /** Null unless a body was refused. */
  private ProblemException refusal;

  BodyReader(HelidonSocket socket, Service service) {
    this.socket = socket;
    this.limits = service.limits();
    this.timeoutMs = service.settings().requestTimeoutMs();
  }

  /**
   * The head of a request has been read, with which its body or a part of it may have come.
   *
   * @param reader holds what has come so far
   * @throws RequestException 400 or 413, which Helidon answers as it answers a bad head
   */
  void begin(boolean isChunked, DataReader reader) {
    deadlineNanos = NOT_AWAITED;
    chunks = isChunked ? new ChunkedBody() : null;
    int buffered = isChunked ? reader.available() : 0;
    if (buffered == 0) {
      return;
    }
    try {
      check(reader.getBuffer(buffered).readBytes());
    } catch (ProblemException e) {
      if (e.problem().status() == 400) {
        limits.refused(e); // Dispatcher.invalid sees the status, but not which limit it was
      }
      throw RequestException.builder()
          .type(EventType.BAD_REQUEST)
          .status(Status.create(e.problem().status()))
          .message(e.getMessage())
          .build();
    }
  }

  /**
   * To be called before anything is read: Helidon tries to skip the rest of a refused body, but
   * there may be none.
   *
   * @throws ProblemException again, where a body was refused
   */
  void throwIfRefused() {
    if (refusal != null) {
      throw refusal;
    }
  }

  /**
   * Waits for more of a body.
   *
   * @return null at the end of the connection
   * @throws ProblemException 408 where the time is over; 400 or 413 for its chunks
   */
  byte[] read() {
    if (deadlineNanos == NOT_AWAITED) {
      deadlineNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
    }
    byte[] bytes = readUntil(deadlineNanos);
    if (chunks != null && bytes != null) {
      check(bytes);
    }
    return bytes;
  }

  /** On a second thread: Helidon's socket has no time-out, and an interrupt would close it. */
  private byte[] readUntil(long deadlineNanos) {
    FutureTask<byte[]> read = new FutureTask<>(socket::get);
    Thread.ofVirtual().name("body").start(read);
    try {
      return read.get(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException _) {
      refusal = Problems.bodyTimeout(timeoutMs);
      throw refusal; // after the answer the connection is closed, which ends the second thread
    } catch (ExecutionException e) {
      throw new ServerConnectionException("the connection broke", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ServerConnectionException("this server is shutting down", e);
    }
  }

  /**
   * @throws ProblemException 400 or 413
   */
  private void check(byte[] read) {
    try {
      chunks.decode(ByteBuffer.wrap(read), null);
    } catch (ProblemException e) {
      refusal = e;
      throw e;
    }
    if (chunks.isOver()) {
      chunks = null;
    }
  }
}
