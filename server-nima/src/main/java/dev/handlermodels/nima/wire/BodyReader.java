package dev.handlermodels.nima.wire;

import dev.handlermodels.api.ProblemException;
import dev.handlermodels.api.Problems;
import dev.handlermodels.api.launch.Service;
import dev.handlermodels.api.wire.ChunkedBody;
import io.helidon.http.HeaderNames;
import io.helidon.http.Headers;
import io.helidon.webserver.ServerConnectionException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * Reads the bodies of HTTP/1.1 requests from the socket. Helidon 4.5.0 waits without end for a body
 * and skips the two bytes behind a chunk without a look. So the whole body has to come within
 * REQUEST_TIMEOUT_MS, and {@link ChunkedBody} checks its chunks on their way.
 */
final class BodyReader {
  private static final long NOT_AWAITED = 0;

  private final Supplier<ByteBuffer> next;
  private final int timeoutMs;

  /** For the body of the current request. */
  private long deadlineNanos = NOT_AWAITED;

  /** Null unless a chunked body is still coming. */
  private ChunkedBody chunks;

  /** Of a body with a length. */
  private long leftBytes;

  /** Null unless a body was refused. */
  private ProblemException refusal;

  /**
   * @param next waits for more bytes of the connection and gives them; null at its end
   */
  BodyReader(Supplier<ByteBuffer> next, Service service) {
    this.next = next;
    this.timeoutMs = service.settings().requestTimeoutMs();
  }

  /** The head of a request has been read. */
  void begin(Headers headers) {
    deadlineNanos = NOT_AWAITED;
    chunks = headers.contains(HeaderNames.TRANSFER_ENCODING) ? new ChunkedBody() : null;
    leftBytes = chunks == null ? length(headers) : 0;
  }

  private static long length(Headers headers) {
    try {
      return headers.contentLength().orElse(0);
    } catch (IllegalArgumentException _) {
      return 0; // the request is going to be refused
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
    ByteBuffer bytes = readUntil(deadlineNanos);
    while (chunks != null && bytes != null) {
      byte[] decoded = decode(bytes);
      if (decoded.length > 0) {
        return decoded;
      }
      bytes = readUntil(deadlineNanos);
    }
    return bytes == null || leftBytes == 0 ? null : rest(bytes);
  }

  /** Not more than belongs to this body: what follows is the next head. */
  private byte[] rest(ByteBuffer in) {
    byte[] bytes = new byte[(int) Math.min(leftBytes, in.remaining())];
    in.get(bytes);
    leftBytes -= bytes.length;
    return bytes;
  }

  /** On a second thread: Helidon's socket has no time-out, and an interrupt would close it. */
  private ByteBuffer readUntil(long deadlineNanos) {
    FutureTask<ByteBuffer> read = new FutureTask<>(next::get);
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
   * Writes chunks anew, as Helidon can read them: without extensions and trailers, which it
   * refuses.
   *
   * @return empty where nothing of them is whole yet
   * @throws ProblemException 400 or 413
   */
  private byte[] decode(ByteBuffer in) {
    ByteBuffer data = ByteBuffer.allocate(in.remaining());
    try {
      chunks.decode(in, data);
    } catch (ProblemException e) {
      refusal = e;
      throw e;
    }
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    if (data.position() > 0) {
      written.writeBytes(ascii(Integer.toHexString(data.position()) + "\r\n"));
      written.write(data.array(), 0, data.position());
      written.writeBytes(ascii("\r\n"));
    }
    if (chunks.isOver()) {
      chunks = null;
      written.writeBytes(ascii("0\r\n\r\n"));
    }
    return written.toByteArray();
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
