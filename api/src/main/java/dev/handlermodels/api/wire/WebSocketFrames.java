package dev.handlermodels.api.wire;

import dev.handlermodels.api.Limit;
import dev.handlermodels.api.Limits;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * Reads the frames of a WebSocket client as they come (RFC 6455, 5), before the framework does. The
 * three frameworks differ in what they let through, and two of them cannot put together what is
 * split in an unusual place. So this class checks every rule and every limit, and hands on each
 * text message as one frame, and each ping. A pong and a Close it tells its {@link Receiver}.
 *
 * <p>After a Close, and after anything that is refused, whatever comes is dropped. What came before
 * is read first: only then is the receiver told.
 */
public final class WebSocketFrames {
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
  private static final byte[] NO_BYTES = {};
  private static final int FINAL = 0x80;
  private static final int RESERVED_BITS = 0x70;
  private static final int OPCODE = 0x0F;
  private static final int CONTROL = 0x08;
  private static final int MASKED = 0x80;
  private static final int LENGTH = 0x7F;
  private static final int CONTINUATION = 0x0;
  private static final int TEXT = 0x1;
  private static final int BINARY = 0x2;
  private static final int CLOSE = 0x8;
  private static final int PING = 0x9;
  private static final int PONG = 0xA;
  private static final int MAX_CONTROL_BYTES = 125;
  private static final int LENGTH_16 = 126;
  private static final int LENGTH_64 = 127;
  private static final int MASK_BYTES = 4;
  private static final int MAX_HEAD_BYTES = 14;
  private static final int FIRST_BYTES = 1024;
  private static final long NONE = 0;

  /** Here, in the framework as bytes, and as text. */
  private static final int COPIES = 3;

  private static final long PERIOD_NANOS =
      TimeUnit.MILLISECONDS.toNanos(Limits.CHAT_CONTROL_PERIOD_MS);

  /** Told on the thread that reads. */
  public interface Receiver {
    void pong(byte[] payload);

    /**
     * The client has said Close.
     *
     * @param code {@link CloseCode#NONE} where it gave none
     */
    void closed(int code);

    /**
     * The client has broken a rule.
     *
     * @param exceeded null where it is not a limit
     * @param code to close with
     */
    void refused(Limit exceeded, int code, String why);
  }

  private final ConnectionReaper.Peer peer;

  /** Held for the head of the request, which the framework may keep. */
  private final long headBytes;

  private final Receiver receiver;
  private final byte[] head = new byte[MAX_HEAD_BYTES];
  private int headLength;
  private boolean headIsWhole;
  private int opcode;
  private boolean isFinal;
  private int length;
  private int came;

  /** Of the message so far, over all its fragments. */
  private byte[] message = NO_BYTES;

  private int messageLength;
  private boolean midMessage;
  private int fragments;
  private byte[] control = NO_BYTES;
  private Utf8 utf8;
  private int controlFrames;
  private long periodNanos = System.nanoTime();
  private boolean over;

  /** What the receiver is to be told when what came before has been read; null for nothing. */
  private Runnable ending;

  /** When the first byte of what is not whole came; {@link #NONE} where there is no such. */
  private volatile long partSinceNanos = NONE;

  /**
   * @param peer the connection; messages in part count as what it holds
   */
  public WebSocketFrames(ConnectionReaper.Peer peer, Receiver receiver) {
    this.peer = peer;
    this.headBytes = peer.heldNow();
    this.receiver = receiver;
  }

  /** Whether a frame or a message has been coming for longer than this. */
  public boolean isSlow(long nowNanos, long timeoutNanos) {
    long since = partSinceNanos;
    return since != NONE && nowNanos - since > timeoutNanos;
  }

  /**
   * Takes all that has come.
   *
   * @return frames for the framework, perhaps none
   */
  public ByteBuffer received(ByteBuffer in) {
    ByteBuffer out = NOTHING;
    while (in.hasRemaining() && !over) {
      if (partSinceNanos == NONE) {
        partSinceNanos = System.nanoTime() | 1; // never NONE
      }
      if (!headIsWhole) {
        head[headLength++] = in.get();
        readHead();
      } else {
        readPayload(in);
      }
      if (!over && headIsWhole && came == length) {
        out = added(out, frameEnds());
      }
    }
    in.position(in.limit());
    if (!out.hasRemaining()) {
      settle();
    }
    return out;
  }

  /** Whether {@link #settle} has something to tell. */
  public boolean isUnsettled() {
    return ending != null;
  }

  /** The framework has read all that {@link #received} gave. */
  public void settle() {
    Runnable told = ending;
    ending = null;
    if (told != null) {
      told.run();
    }
  }

  /** Each byte of a head is judged as soon as it is here. */
  private void readHead() {
    if (headLength == 1) {
      judgeFirst(head[0] & 0xFF);
    } else if (headLength == 2 && (head[1] & MASKED) == 0) {
      refuse(CloseCode.PROTOCOL, "a client masks its frames (RFC 6455, 5.1)");
    } else if (headLength >= 2) {
      judgeLength();
    }
  }

  private void judgeFirst(int first) {
    opcode = first & OPCODE;
    isFinal = (first & FINAL) != 0;
    if ((first & RESERVED_BITS) != 0) {
      refuse(CloseCode.PROTOCOL, "reserved bits are set without an extension (RFC 6455, 5.2)");
    } else if (opcode > BINARY && opcode < CLOSE || opcode > PONG) {
      refuse(CloseCode.PROTOCOL, "the opcode is reserved (RFC 6455, 5.2)");
    } else if ((opcode & CONTROL) != 0) {
      if (!isFinal) {
        refuse(CloseCode.PROTOCOL, "a control frame is in one piece (RFC 6455, 5.5)");
      } else {
        countControlFrame();
      }
    } else if (midMessage != (opcode == CONTINUATION)) {
      refuse(CloseCode.PROTOCOL, "fragments come one behind the other (RFC 6455, 5.4)");
    } else if (opcode == BINARY) {
      refuse(CloseCode.UNSUPPORTED, "only text is taken here (RFC 6455, 7.4.1)");
    } else if (++fragments > Limits.CHAT_FRAGMENTS) {
      refuse(Limit.CHAT_FRAGMENTS, CloseCode.POLICY, "a message has too many fragments");
    }
  }

  private void countControlFrame() {
    long now = System.nanoTime();
    if (now - periodNanos > PERIOD_NANOS) {
      periodNanos = now;
      controlFrames = 0;
    }
    if (++controlFrames > Limits.CHAT_CONTROL_FRAMES) {
      refuse(Limit.CHAT_CONTROL_FRAMES, CloseCode.POLICY, "there are too many control frames");
    }
  }

  private void judgeLength() {
    int said = head[1] & LENGTH;
    if ((opcode & CONTROL) != 0 && said > MAX_CONTROL_BYTES) {
      refuse(CloseCode.PROTOCOL, "a control frame has at most 125 bytes (RFC 6455, 5.5)");
      return;
    }
    int lengthBytes = said == LENGTH_64 ? Long.BYTES : said == LENGTH_16 ? Short.BYTES : 0;
    if (headLength == 2 + lengthBytes) {
      judgeLength(lengthBytes == 0 ? said : number(lengthBytes), lengthBytes);
    }
    if (!over && headLength == 2 + lengthBytes + MASK_BYTES) {
      headIsWhole = true;
      came = 0;
      control = (opcode & CONTROL) == 0 ? NO_BYTES : new byte[length];
      if (opcode == TEXT) {
        utf8 = new Utf8();
        messageLength = 0;
      }
      midMessage |= opcode == TEXT;
    }
  }

  private void judgeLength(long all, int lengthBytes) {
    boolean isShortest =
        switch (lengthBytes) {
          case Short.BYTES -> all >= LENGTH_16;
          case Long.BYTES -> all > 0xFFFF;
          default -> true;
        };
    if (all < 0 || !isShortest) {
      refuse(CloseCode.PROTOCOL, "a length is written as short as it can be (RFC 6455, 5.2)");
    } else if ((opcode & CONTROL) == 0
        && (opcode == TEXT ? 0 : messageLength) + all > Limits.CHAT_MESSAGE_BYTES) {
      refuse(
          Limit.CHAT_MESSAGE_BYTES,
          CloseCode.TOO_BIG,
          "a message has at most " + Limits.CHAT_MESSAGE_BYTES + " bytes");
    } else {
      length = (int) all;
    }
  }

  private long number(int bytes) {
    long number = 0;
    for (int i = 2; i < 2 + bytes; i++) {
      number = number << 8 | head[i] & 0xFF;
    }
    return number;
  }

  private void readPayload(ByteBuffer in) {
    int count = Math.min(in.remaining(), length - came);
    boolean isControl = (opcode & CONTROL) != 0;
    int at = isControl ? came : messageLength;
    if (!isControl && !hasRoom(messageLength + count)) {
      refuse(Limit.MEMORY, CloseCode.TRY_AGAIN, "there is no memory for a message");
      return;
    }
    byte[] into = isControl ? control : message;
    in.get(into, at, count);
    int mask = headLength - MASK_BYTES;
    for (int i = 0; i < count; i++) {
      into[at + i] ^= head[mask + (came + i & 3)];
    }
    came += count;
    if (!isControl) {
      messageLength += count;
      if (!utf8.isValid(into, at, count)) {
        refuse(CloseCode.INVALID_TEXT, "text is UTF-8 (RFC 6455, 8.1)");
      }
    }
  }

  /** Room is made as bytes come, not for what a head promises. */
  private boolean hasRoom(int bytes) {
    if (bytes <= message.length) {
      return true;
    }
    int grown = Math.max(FIRST_BYTES, Math.max(bytes, 2 * message.length));
    int most = Math.min(grown, Limits.CHAT_MESSAGE_BYTES);
    if (most > FIRST_BYTES && !peer.holds(headBytes + (long) COPIES * most)) {
      return false; // which has been counted
    }
    message = Arrays.copyOf(message, most);
    return true;
  }

  /** What the framework is to read of the frame that is whole. */
  private ByteBuffer frameEnds() {
    headIsWhole = false;
    headLength = 0;
    if (!midMessage) {
      partSinceNanos = NONE;
    }
    return switch (opcode) {
      case PING -> frame(PING, control, control.length);
      case PONG -> {
        receiver.pong(control);
        yield NOTHING;
      }
      case CLOSE -> {
        closeComes();
        yield NOTHING;
      }
      default -> isFinal ? messageEnds() : NOTHING;
    };
  }

  private ByteBuffer messageEnds() {
    if (!utf8.isAtEnd()) {
      refuse(CloseCode.INVALID_TEXT, "text is UTF-8 (RFC 6455, 8.1)");
      return NOTHING;
    }
    ByteBuffer whole = frame(TEXT, message, messageLength);
    message = NO_BYTES;
    messageLength = 0;
    midMessage = false;
    fragments = 0;
    utf8 = null;
    partSinceNanos = NONE;
    peer.holds(headBytes);
    return whole;
  }

  private void closeComes() {
    if (control.length == 0) {
      closes(CloseCode.NONE);
      return;
    }
    int code = control.length == 1 ? 0 : (control[0] & 0xFF) << 8 | control[1] & 0xFF;
    Utf8 reason = new Utf8();
    if (!CloseCode.isAllowed(code)) {
      refuse(CloseCode.PROTOCOL, "this code is in no Close frame (RFC 6455, 7.4)");
    } else if (!reason.isValid(control, 2, control.length - 2) || !reason.isAtEnd()) {
      refuse(CloseCode.INVALID_TEXT, "a reason is UTF-8 (RFC 6455, 5.5.1)");
    } else {
      closes(code);
    }
  }

  private void closes(int code) {
    ends(() -> receiver.closed(code));
  }

  private void refuse(int code, String why) {
    refuse(null, code, why);
  }

  private void refuse(Limit exceeded, int code, String why) {
    // The peer has counted want of memory by itself.
    ends(() -> receiver.refused(exceeded == Limit.MEMORY ? null : exceeded, code, why));
  }

  private void ends(Runnable told) {
    over = true;
    ending = told;
    message = NO_BYTES;
    partSinceNanos = NONE;
    peer.holds(headBytes);
  }

  /** Masked, as a framework expects it of a client, but by zeros. */
  private static ByteBuffer frame(int opcode, byte[] payload, int length) {
    ByteBuffer frame = ByteBuffer.allocate(MAX_HEAD_BYTES + length);
    frame.put((byte) (FINAL | opcode));
    if (length < LENGTH_16) {
      frame.put((byte) (MASKED | length));
    } else if (length <= 0xFFFF) {
      frame.put((byte) (MASKED | LENGTH_16)).putShort((short) length);
    } else {
      frame.put((byte) (MASKED | LENGTH_64)).putLong(length);
    }
    return frame.putInt(0).put(payload, 0, length).flip();
  }

  private static ByteBuffer added(ByteBuffer before, ByteBuffer frame) {
    if (!before.hasRemaining() || !frame.hasRemaining()) {
      return before.hasRemaining() ? before : frame;
    }
    ByteBuffer both = ByteBuffer.allocate(before.remaining() + frame.remaining());
    return both.put(before).put(frame).flip();
  }

  /** Checks text as it comes, byte by byte, by the letter of RFC 3629. */
  private static final class Utf8 {
    /** Bytes that the character which has begun still needs. */
    private int needed;

    private int lowest;
    private int highest;

    boolean isAtEnd() {
      return needed == 0;
    }

    boolean isValid(byte[] bytes, int from, int count) {
      for (int i = from; i < from + count; i++) {
        int next = bytes[i] & 0xFF;
        if (needed == 0 ? !begins(next) : !goesOn(next)) {
          return false;
        }
      }
      return true;
    }

    private boolean begins(int next) {
      lowest = 0x80;
      highest = 0xBF;
      if (next < 0x80) {
        return true;
      }
      if (next < 0xC2 || next > 0xF4) {
        return false;
      }
      needed = next < 0xE0 ? 1 : next < 0xF0 ? 2 : 3;
      switch (next) {
        case 0xE0 -> lowest = 0xA0; // else it would be overlong
        case 0xED -> highest = 0x9F; // else a surrogate
        case 0xF0 -> lowest = 0x90; // overlong
        case 0xF4 -> highest = 0x8F; // beyond U+10FFFF
        default -> {}
      }
      return true;
    }

    private boolean goesOn(int next) {
      if (next < lowest || next > highest) {
        return false;
      }
      lowest = 0x80;
      highest = 0xBF;
      needed--;
      return true;
    }
  }
}
