package dev.handlermodels.api.wire;

import dev.handlermodels.api.Limits;
import dev.handlermodels.api.ProblemException;
import dev.handlermodels.api.Problems;

/**
 * The first line of each request on a connection, read byte by byte as it comes, by the letter of
 * RFC 9112, 3: a method, one space, a target, one space, a version, CR LF. The frameworks' parsers
 * take tabs, form feeds or a bare LF for such a separator, skip control characters before a method,
 * or do not hand on the version; a party in front may read the same bytes otherwise. One empty line
 * before the request is skipped (RFC 9112, 2.2). For one thread at a time.
 */
public final class RequestLine {
  private static final String VERSION = "HTTP/x.x";
  private static final String HEAD = "HEAD";

  private enum State {
    BEGIN,
    EMPTY_LINE,
    METHOD,
    TARGET_BEGIN,
    TARGET,
    VERSION,
    LF,
    OVER
  }

  private State state = State.BEGIN;
  private int emptyLineBytes;

  /** Of the line, without an empty one before it. */
  private int bytes;

  private int versionBytes;
  private int major;
  private int minor;
  private boolean maybeHead;
  private boolean originForm;
  private boolean smallLetters;

  /** The line of the next request comes now. */
  public void begin() {
    state = State.BEGIN;
    emptyLineBytes = 0;
    bytes = 0;
    versionBytes = 0;
    minor = 0;
    maybeHead = true;
    smallLetters = false;
  }

  /** Whether the target begins with a slash, as nearly all do. */
  boolean isOriginForm() {
    return originForm;
  }

  /** Whether the method has some, or what stands for one in {@link SmallLetters}. */
  boolean hasSmallLetters() {
    return smallLetters;
  }

  /** Whether the version is HTTP/1.0. */
  boolean isOld() {
    return minor == 0;
  }

  /** Whether a byte of the line itself has come. */
  boolean hasBegun() {
    return bytes > 0;
  }

  public boolean isOver() {
    return state == State.OVER;
  }

  /** So many bytes of an empty line came first: 0 or 2, or 1 while the rest is awaited. */
  public int emptyLineBytes() {
    return emptyLineBytes;
  }

  /** Whether the method, as far as it is known, is HEAD, which is answered without a body. */
  public boolean isHead() {
    return maybeHead && bytes > HEAD.length();
  }

  /**
   * Reads the next byte of the line.
   *
   * @throws ProblemException 400, 414, or 505 for a version other than HTTP/1.1 and HTTP/1.0
   */
  public void next(byte b) {
    switch (state) {
      case BEGIN -> begin(b);
      case EMPTY_LINE -> {
        require(b == '\n');
        emptyLineBytes++;
        state = State.BEGIN;
      }
      case METHOD -> method(b);
      case TARGET_BEGIN -> {
        count();
        require(isVisible(b));
        originForm = b == '/';
        state = State.TARGET;
      }
      case TARGET -> {
        count();
        require(b == ' ' || isVisible(b));
        if (b == ' ') {
          state = State.VERSION;
        }
      }
      case VERSION -> version(b);
      case LF -> {
        require(b == '\n');
        state = State.OVER;
        if (major != 1 || minor > 1) {
          throw Problems.versionNotSupported();
        }
      }
      case OVER -> throw new IllegalStateException("the line is over");
    }
  }

  private void begin(byte b) {
    if (b == '\r' && emptyLineBytes == 0) {
      emptyLineBytes = 1;
      state = State.EMPTY_LINE;
    } else {
      require(b != ' ');
      state = State.METHOD;
      method(b);
    }
  }

  private void method(byte b) {
    if (b == ' ') {
      maybeHead &= bytes == HEAD.length();
      state = State.TARGET_BEGIN;
    } else {
      require(ChunkedBody.isToken(b) && bytes < Limits.METHOD_CHARS);
      smallLetters |= SmallLetters.isMarked(b);
      maybeHead &= bytes < HEAD.length() && b == HEAD.charAt(bytes);
    }
    count();
  }

  private void version(byte b) {
    if (versionBytes == VERSION.length()) {
      require(b == '\r');
      state = State.LF;
      return;
    }
    count();
    char expected = VERSION.charAt(versionBytes);
    if (expected == 'x') {
      require(b >= '0' && b <= '9');
      major = minor;
      minor = b - '0';
    } else {
      require(b == expected);
    }
    versionBytes++;
  }

  private void count() {
    bytes++;
    if (bytes > Limits.REQUEST_LINE_BYTES) {
      throw Problems.requestLineTooLong();
    }
  }

  private static boolean isVisible(byte b) {
    return b > ' ' && b != 0x7f;
  }

  private static void require(boolean fact) {
    if (!fact) {
      throw Problems.notHttp();
    }
  }
}
