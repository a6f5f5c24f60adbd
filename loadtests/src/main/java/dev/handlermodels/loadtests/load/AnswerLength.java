package dev.handlermodels.loadtests.load;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * What the first bytes of an HTTP/1.1 answer say: how long it is, by its Content-Length or its
 * chunks, its status, and when to come again.
 */
final class AnswerLength {
  static final int INCOMPLETE = -1;

  private static final byte[] LENGTH = "content-length:".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] CODING = "transfer-encoding:".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] RETRY = "retry-after:".getBytes(StandardCharsets.US_ASCII);
  private static final int STATUS_AT = "HTTP/1.1 ".length();

  private AnswerLength() {}

  /**
   * Head and body together; {@link #INCOMPLETE} while the head is incomplete, or the last chunk is
   * missing.
   *
   * @throws IOException where the head has neither Content-Length nor Transfer-Encoding
   */
  static int of(byte[] bytes, int count) throws IOException {
    int body = 0;
    int contentLength = -1;
    boolean inChunks = false;
    int start = 0;
    for (int end = lineEnd(bytes, start, count); end >= 0; end = lineEnd(bytes, start, count)) {
      if (end == start) {
        body = end + 2;
        break;
      }
      if (isField(LENGTH, bytes, start, end)) {
        contentLength = number(bytes, start + LENGTH.length, end);
      }
      inChunks |= isField(CODING, bytes, start, end);
      start = end + 2;
    }
    if (body == 0) {
      return INCOMPLETE;
    }
    if (inChunks) {
      return endOfChunks(bytes, body, count);
    }
    if (contentLength < 0) {
      throw new IOException("An answer has neither Content-Length nor chunks.");
    }
    return body + contentLength;
  }

  /** Chunks without extensions and without trailers, which none of our servers sends. */
  private static int endOfChunks(byte[] bytes, int from, int count) throws IOException {
    int at = from;
    while (true) {
      int size = 0;
      int i = at;
      while (i < count && bytes[i] != '\r') {
        int digit = Character.digit(bytes[i], 16);
        if (digit < 0) {
          throw new IOException("An answer has a chunk whose size is no number.");
        }
        size = size * 16 + digit;
        i++;
      }
      int end = i + 2 * "\r\n".length() + size;
      if (i == count || end > count) {
        return INCOMPLETE;
      }
      if (size == 0) {
        return end;
      }
      at = end;
    }
  }

  /** Of a whole answer; 0 where it does not say. */
  static int retryAfterSeconds(byte[] bytes, int count) {
    int start = 0;
    for (int end = lineEnd(bytes, start, count); end > start; end = lineEnd(bytes, start, count)) {
      if (isField(RETRY, bytes, start, end)) {
        return number(bytes, start + RETRY.length, end);
      }
      start = end + 2;
    }
    return 0;
  }

  /** Where the line that begins there ends, before its CRLF; negative while it is not whole. */
  private static int lineEnd(byte[] bytes, int start, int count) {
    for (int i = start; i + 1 < count; i++) {
      if (bytes[i] == '\r' && bytes[i + 1] == '\n') {
        return i;
      }
    }
    return INCOMPLETE;
  }

  static int status(byte[] bytes) {
    return number(bytes, STATUS_AT, STATUS_AT + 3);
  }

  static boolean isOk(byte[] bytes) {
    return bytes[STATUS_AT] == '2' && bytes[STATUS_AT + 1] == '0' && bytes[STATUS_AT + 2] == '0';
  }

  private static boolean isField(byte[] name, byte[] bytes, int from, int to) {
    if (to - from < name.length) {
      return false;
    }
    for (int i = 0; i < name.length; i++) {
      int letter = bytes[from + i];
      if ((letter >= 'A' && letter <= 'Z' ? letter + ('a' - 'A') : letter) != name[i]) {
        return false;
      }
    }
    return true;
  }

  private static int number(byte[] bytes, int from, int to) {
    int number = 0;
    for (int i = from; i < to; i++) {
      number = bytes[i] == ' ' ? number : number * 10 + bytes[i] - '0';
    }
    return number;
  }
}
