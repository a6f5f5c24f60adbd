package dev.handlermodels.api;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** Reads request bodies on a thread that may wait. */
public final class Bodies {
  private static final int PART_BYTES = 8192;

  private Bodies() {}

  /** Where a body comes from. */
  public interface Source {
    /**
     * Waits for more of the body.
     *
     * @param maxWaitNanos after which a source that can wake up gives up
     * @return how many bytes it has put there, 0 where it has given up, -1 at the end
     * @throws ProblemException where it knows better than its caller what is wrong
     */
    int read(byte[] into, long maxWaitNanos) throws IOException;
  }

  /**
   * To be called before a body is read.
   *
   * @param expect the request's Expect, null where it has none
   * @param contentEncoding likewise its Content-Encoding
   * @throws ProblemException 415 or 417, of which the frameworks ignore some and refuse others
   */
  public static void check(String expect, String contentEncoding) {
    if (expect != null && !expect.strip().equalsIgnoreCase("100-continue")) {
      throw Problems.expectationFailed();
    }
    if (contentEncoding != null) {
      throw Problems.encodedBody();
    }
  }

  /**
   * Reads a body to its end. One that drips in, or stops, is cut off at the time-out.
   *
   * @throws ProblemException 408 where it is not whole in time, 413 where it is longer than {@link
   *     Limits#BODY_BYTES}, 400 where it breaks off
   */
  public static byte[] read(Source source, int timeoutMs) {
    long deadlineNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    byte[] part = new byte[PART_BYTES];
    try {
      while (true) {
        long leftNanos = deadlineNanos - System.nanoTime();
        if (leftNanos <= 0) {
          throw Problems.bodyTimeout(timeoutMs);
        }
        int length = source.read(part, leftNanos);
        if (length < 0) {
          return body.toByteArray();
        }
        body.write(part, 0, length);
        if (body.size() > Limits.BODY_BYTES) {
          throw Problems.bodyTooLarge();
        }
      }
    } catch (IOException e) {
      throw broken(e);
    }
  }

  /** Why the rest of a body does not come. */
  public static ProblemException broken(IOException e) {
    return e.getCause() instanceof ProblemException problem
        ? problem // from who reads its chunks
        : Problems.badRequest("the body is not whole or not valid HTTP/1.1");
  }
}
