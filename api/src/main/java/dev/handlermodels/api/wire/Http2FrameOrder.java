package dev.handlermodels.api.wire;

import java.util.BitSet;

/**
 * Judges the order of the frames that the client of one HTTP/2 connection sends: RFC 9113, 3.4 and
 * 5.1. The frameworks differ in these errors, or miss some. It refuses nothing that a client may
 * send on a stream which the server has answered or reset and the client has not ended.
 */
final class Http2FrameOrder {
  static final int NO_ERROR = 0;
  private static final int PROTOCOL_ERROR = 1;
  private static final int STREAM_CLOSED = 5;
  private static final int FRAME_SIZE_ERROR = 6;

  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int RST_STREAM = 3;
  private static final int SETTINGS = 4;
  private static final int PUSH_PROMISE = 5;
  private static final int GOAWAY = 7;
  private static final int CONTINUATION = 9;
  private static final int END_STREAM = 1;
  private static final int ACK = 1;
  private static final int END_HEADERS = 4;

  /** So many streams are remembered, the latest. Of older ones the framework judges. */
  static final int REMEMBERED = 1024;

  private final BitSet opened = new BitSet(REMEMBERED);

  /** By the client, with END_STREAM or RST_STREAM. */
  private final BitSet ended = new BitSet(REMEMBERED);

  private boolean begun;
  private boolean midHead;
  private int lastStream;

  /**
   * To be told of each frame.
   *
   * @return the error with which the connection is to end; {@link #NO_ERROR} where it goes on
   */
  int error(int type, int flags, int stream, int length) {
    boolean isAck = type == SETTINGS && (flags & ACK) != 0;
    if (!begun && (type != SETTINGS || isAck) || midHead != (type == CONTINUATION)) {
      return PROTOCOL_ERROR;
    }
    begun = true;
    return switch (type) {
      case HEADERS -> head(flags, stream);
      case CONTINUATION -> {
        midHead = (flags & END_HEADERS) == 0;
        yield NO_ERROR;
      }
      case DATA -> data(flags, stream);
      case RST_STREAM -> {
        end(stream);
        yield NO_ERROR;
      }
      case SETTINGS -> isAck && length > 0 ? FRAME_SIZE_ERROR : NO_ERROR;
      case GOAWAY -> stream == 0 ? NO_ERROR : PROTOCOL_ERROR;
      case PUSH_PROMISE -> PROTOCOL_ERROR;
      default -> NO_ERROR;
    };
  }

  private int head(int flags, int stream) {
    if (stream % 2 == 0) {
      return PROTOCOL_ERROR;
    }
    if (stream > lastStream) {
      open(stream);
    } else if (isRemembered(stream)) { // a trailer, or wrong
      if (!opened.get(place(stream))) {
        return PROTOCOL_ERROR;
      }
      if (ended.get(place(stream))) {
        return STREAM_CLOSED;
      }
    }
    midHead = (flags & END_HEADERS) == 0;
    endIfLast(flags, stream);
    return NO_ERROR;
  }

  private int data(int flags, int stream) {
    if (!isRemembered(stream)) {
      return NO_ERROR;
    }
    if (!opened.get(place(stream)) || ended.get(place(stream))) {
      return STREAM_CLOSED;
    }
    endIfLast(flags, stream);
    return NO_ERROR;
  }

  private void endIfLast(int flags, int stream) {
    if ((flags & END_STREAM) != 0) {
      end(stream);
    }
  }

  private void end(int stream) {
    if (isRemembered(stream)) {
      ended.set(place(stream));
    }
  }

  /** Those below that were left out are closed by this: RFC 9113, 5.1.1. */
  private void open(int stream) {
    int oldest = Math.max(lastStream + 1, stream - 2 * (REMEMBERED - 1));
    for (int left = stream; left >= oldest; left -= 2) {
      opened.clear(place(left));
      ended.clear(place(left));
    }
    opened.set(place(stream));
    lastStream = stream;
  }

  /** Of a client's streams, which have odd numbers. */
  private boolean isRemembered(int stream) {
    return stream % 2 == 1 && stream <= lastStream && lastStream - stream < 2 * REMEMBERED;
  }

  private static int place(int stream) {
    return stream / 2 % REMEMBERED;
  }
}
