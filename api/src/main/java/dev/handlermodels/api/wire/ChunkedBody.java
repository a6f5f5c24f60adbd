package dev.handlermodels.api.wire;

import dev.handlermodels.api.Limits;
import dev.handlermodels.api.Problems;
import java.nio.ByteBuffer;

/**
 * The chunked transfer coding, read by the letter of RFC 9112, 7.1: a size is hexadecimal digits,
 * each line ends with CR LF, and so does each chunk. Undertow takes a size that is no number for 0
 * and skips whatever stands behind a chunk; Helidon skips two bytes there without a look. To a
 * party in front that reads otherwise, both hide a request. For one body, and one thread at a time.
 */
public final class ChunkedBody {
  private enum State {
    SIZE_BEGIN,
    SIZE,
    SIZE_SPACE,
    EXTENSION,
    SIZE_LF,
    DATA,
    DATA_CR,
    DATA_LF,
    TRAILER_BEGIN,
    TRAILER_NAME,
    TRAILER_VALUE,
    TRAILER_LF,
    LAST_LF,
    OVER
  }

  private State state = State.SIZE_BEGIN;

  /** Of this chunk, as far as it is known, then what is left of it. */
  private long chunkBytes;

  /** Of all chunks, as far as their sizes are known. */
  private long bodyBytes;

  /** Since the last data. */
  private int otherBytes;

  /** Whether the body has ended; what follows is the next request. */
  public boolean isOver() {
    return state == State.OVER;
  }

  /**
   * Reads on until there is nothing left to read, the body is over, or there is no room.
   *
   * @param in bytes of the connection
   * @param out room for bytes of the body, null for none: to check only
   * @throws ProblemException 400 where it is no chunked body, 413 where it is going to be longer
   *     than {@link Limits#BODY_BYTES}
   */
  public void decode(ByteBuffer in, ByteBuffer out) {
    while (in.hasRemaining() && state != State.OVER) {
      if (state != State.DATA) {
        state = next(in.get());
      } else if (!data(in, out)) {
        return;
      }
    }
  }

  private boolean data(ByteBuffer in, ByteBuffer out) {
    int room = out == null ? in.remaining() : out.remaining();
    int length = (int) Math.min(chunkBytes, Math.min(in.remaining(), room));
    if (length == 0) {
      return false;
    }
    if (out != null) {
      out.put(in.slice(in.position(), length));
    }
    in.position(in.position() + length);
    chunkBytes -= length;
    if (chunkBytes == 0) {
      state = State.DATA_CR;
    }
    return true;
  }

  private State next(byte b) {
    otherBytes++;
    return switch (state) {
      case SIZE_BEGIN, SIZE -> size(b);
      case SIZE_SPACE -> afterSpace(b);
      case EXTENSION -> b == '\r' ? State.SIZE_LF : withinLine(isText(b) ? state : refuse());
      case SIZE_LF -> b == '\n' ? afterSizeLine() : refuse();
      case DATA_CR -> b == '\r' ? State.DATA_LF : refuse();
      case DATA_LF -> b == '\n' ? begin() : refuse();
      case TRAILER_BEGIN -> b == '\r' ? State.LAST_LF : isToken(b) ? State.TRAILER_NAME : refuse();
      case TRAILER_NAME ->
          b == ':'
              ? State.TRAILER_VALUE
              : within(Limits.HEADER_BYTES, isToken(b) ? state : refuse());
      case TRAILER_VALUE ->
          b == '\r' ? State.TRAILER_LF : within(Limits.HEADER_BYTES, isText(b) ? state : refuse());
      case TRAILER_LF -> b == '\n' ? within(Limits.HEADER_BYTES, State.TRAILER_BEGIN) : refuse();
      case LAST_LF -> b == '\n' ? State.OVER : refuse();
      case DATA, OVER -> throw new IllegalStateException("there is no next byte here");
    };
  }

  private State begin() {
    otherBytes = 0;
    chunkBytes = 0;
    return State.SIZE_BEGIN;
  }

  private State size(byte b) {
    int digit = Character.digit(b, 16); // of ASCII only: all other bytes are negative
    if (digit < 0) {
      return state == State.SIZE_BEGIN ? refuse() : afterSize(b);
    }
    chunkBytes = chunkBytes * 16 + digit;
    if (bodyBytes + chunkBytes > Limits.BODY_BYTES) {
      throw Problems.bodyTooLarge();
    }
    return withinLine(State.SIZE);
  }

  private State afterSizeLine() {
    bodyBytes += chunkBytes;
    return chunkBytes > 0 ? State.DATA : State.TRAILER_BEGIN;
  }

  /** Bad whitespace, which a recipient has to take, stands before an extension only. */
  private State afterSpace(byte b) {
    if (b == ' ' || b == '\t') {
      return withinLine(state);
    }
    return b == ';' ? State.EXTENSION : refuse();
  }

  private static State afterSize(byte b) {
    return switch (b) {
      case '\r' -> State.SIZE_LF;
      case ';' -> State.EXTENSION;
      case ' ', '\t' -> State.SIZE_SPACE;
      default -> refuse();
    };
  }

  private State withinLine(State next) {
    if (otherBytes > Limits.CHUNK_LINE_BYTES) {
      throw Problems.chunkLineTooLong();
    }
    return next;
  }

  private State within(int maxBytes, State next) {
    return otherBytes <= maxBytes ? next : refuse();
  }

  private static boolean isText(byte b) {
    return b < 0 || b >= ' ' && b != 0x7f || b == '\t';
  }

  /** RFC 9110, 5.6.2. */
  static boolean isToken(byte b) {
    return b > ' ' && b < 0x7f && "\"(),/:;<=>?@[\\]{}".indexOf(b) < 0;
  }

  private static State refuse() {
    throw Problems.notHttp();
  }
}
