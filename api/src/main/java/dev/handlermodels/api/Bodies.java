package dev.handlermodels.api;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.TimeUnit;

/** Reads request bodies on a thread that may wait. */
public final class Bodies {
  private static final int PART_BYTES = 8192;

  private Bodies() {}

  /**
   * Reads a body to its end. A body that drips in is cut off at the time-out; one that stops
   * altogether when the connection has been idle for too long.
   *
   * @throws ProblemException 408 where it is not whole in time, 413 where it is longer than {@link
   *     Limits#BODY_BYTES}, 400 where it breaks off
   */
  public static byte[] read(InputStream in, int timeoutMs) {
    long deadlineNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    byte[] part = new byte[PART_BYTES];
    try {
      for (int length = in.read(part); length >= 0; length = in.read(part)) {
        body.write(part, 0, length);
        if (body.size() > Limits.BODY_BYTES) {
          throw Problems.bodyTooLarge();
        }
        if (System.nanoTime() > deadlineNanos) {
          throw Problems.bodyTimeout(timeoutMs);
        }
      }
    } catch (IOException e) {
      throw e.getCause() instanceof ProblemException problem
          ? problem // from who reads its chunks
          : Problems.badRequest("the body is not whole or not valid HTTP/1.1");
    }
    return body.toByteArray();
  }
}
