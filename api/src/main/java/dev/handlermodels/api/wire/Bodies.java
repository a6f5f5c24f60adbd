package dev.handlermodels.api.wire;

import dev.handlermodels.api.Limits;
import dev.handlermodels.api.ProblemException;
import dev.handlermodels.api.Problems;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.IntConsumer;

/** What the three servers have in common where they take in bodies. */
public final class Bodies {
  private static final int PART_BYTES = 4096;

  private Bodies() {}

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
   * Reads a body to its end, on a thread that may wait.
   *
   * @param in fails by itself where the body is not whole in time
   * @param keeps told the length of each part before it is kept; may refuse it
   * @throws ProblemException 413 where it is longer than {@link Limits#BODY_BYTES}, 400 where it
   *     breaks off
   */
  public static byte[] read(InputStream in, IntConsumer keeps) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    byte[] part = new byte[PART_BYTES];
    try {
      for (int length = in.read(part); length >= 0; length = in.read(part)) {
        if (body.size() + length > Limits.BODY_BYTES) {
          throw Problems.bodyTooLarge();
        }
        keeps.accept(length);
        body.write(part, 0, length);
      }
      return body.toByteArray();
    } catch (IOException e) {
      throw broken(e);
    }
  }

  /** Why the rest of a body does not come. */
  public static ProblemException broken(IOException e) {
    for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
      if (cause instanceof ProblemException problem) {
        return problem; // from who reads its chunks; Undertow may have wrapped it once more
      }
    }
    return Problems.badRequest("the body is not complete or not valid HTTP/1.1");
  }
}
