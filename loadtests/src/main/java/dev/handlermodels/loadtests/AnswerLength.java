package dev.handlermodels.loadtests;

import java.io.IOException;

/** How long an HTTP/1.1 answer with a Content-Length is, from its first bytes. */
final class AnswerLength {
  static final int INCOMPLETE = -1;

  private static final byte[] NAME = {
    'c', 'o', 'n', 't', 'e', 'n', 't', '-', 'l', 'e', 'n', 'g', 't', 'h', ':'
  };
  private static final int STATUS_AT = "HTTP/1.1 ".length();

  private AnswerLength() {}

  /**
   * Head and body together; {@link #INCOMPLETE} while the head is not whole.
   *
   * @throws IOException where the head has no Content-Length
   */
  static int of(byte[] bytes, int count) throws IOException {
    int body = 0;
    int contentLength = -1;
    int lineStart = 0;
    for (int i = 0; i + 1 < count; i++) {
      if (bytes[i] == '\r' && bytes[i + 1] == '\n') {
        if (i == lineStart) {
          body = i + 2;
          break;
        }
        if (isContentLength(bytes, lineStart)) {
          contentLength = number(bytes, lineStart + NAME.length, i);
        }
        lineStart = i + 2;
      }
    }
    if (body == 0) {
      return INCOMPLETE;
    }
    if (contentLength < 0) {
      throw new IOException("An answer has no Content-Length.");
    }
    return body + contentLength;
  }

  static int status(byte[] bytes) {
    return number(bytes, STATUS_AT, STATUS_AT + 3);
  }

  static boolean isOk(byte[] bytes) {
    return bytes[STATUS_AT] == '2' && bytes[STATUS_AT + 1] == '0' && bytes[STATUS_AT + 2] == '0';
  }

  private static boolean isContentLength(byte[] bytes, int at) {
    for (int i = 0; i < NAME.length; i++) {
      int letter = bytes[at + i];
      if ((letter >= 'A' && letter <= 'Z' ? letter + ('a' - 'A') : letter) != NAME[i]) {
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
