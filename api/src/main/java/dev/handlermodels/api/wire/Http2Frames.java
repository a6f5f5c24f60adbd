package dev.handlermodels.api.wire;

import dev.handlermodels.api.Limit;
import dev.handlermodels.api.Limits;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Reads the heads of the frames of one HTTP/2 connection as they pass in both directions, and tells
 * when its client makes more work than one who only wants answers: RFC 9113, 10.5. Each framework
 * has limits of its own and lacks some; these are the same for all three. {@link Http2FrameOrder}
 * judges their order. What comes is not decoded, so the size of a header list is left to the
 * framework.
 *
 * <p>Safe for all threads: a server reads and writes on different ones.
 */
public final class Http2Frames {
  /** What a client sends first, and no request of HTTP/1.1 begins with: RFC 9113, 3.4. */
  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  /** So many bytes tell what a connection begins with. */
  public static final int PREFACE_BYTES = PREFACE.length;

  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int RST_STREAM = 3;
  private static final int GOAWAY = 7;
  private static final int CONTINUATION = 9;
  private static final int END_STREAM = 1;
  private static final int END_HEADERS = 4;
  private static final int PADDED = 8;
  private static final int NO_ERROR = Http2FrameOrder.NO_ERROR;
  private static final int ENHANCE_YOUR_CALM = 11;

  /** Where in the head of a frame its type stands. */
  private static final int TYPE = 3;

  private static final int GO_AWAY_BYTES = Direction.HEAD_BYTES + 8;

  private final ConnectionReaper.Peer peer;
  private final Limit.Counts counts;
  private final Direction fromClient = new Direction();
  private final Direction toClient = new Direction();
  private final Http2FrameOrder order = new Http2FrameOrder();

  /** Streams that wait for the end of their answer. */
  private final Set<Integer> open = new HashSet<>();

  private int prefaceBytes;
  private int lastStream;
  private boolean midHead;
  private int headFrames;
  private int headBytes;
  private long periodSinceNanos = System.nanoTime();
  private int resetsReceived;
  private int resetsSent;
  private int controlFrames;
  private int answerFrames;

  /** With which the connection is to end. */
  private int error = NO_ERROR;

  private boolean leaving;

  public Http2Frames(ConnectionReaper.Peer peer, Limit.Counts counts) {
    this.peer = peer;
    this.counts = counts;
  }

  /** What the first bytes of a connection are. */
  public enum Begins {
    HTTP1,
    HTTP2,
    /** Which of them cannot be told before more has come. */
    UNKNOWN
  }

  /**
   * @param first all that has come so far; nothing is taken from it
   */
  public static Begins begins(ByteBuffer first) {
    int length = Math.min(first.remaining(), PREFACE.length);
    for (int i = 0; i < length; i++) {
      if (first.get(first.position() + i) != PREFACE[i]) {
        return Begins.HTTP1;
      }
    }
    return length == PREFACE.length ? Begins.HTTP2 : Begins.UNKNOWN;
  }

  /**
   * To be told of all that the client sends, the preface included, before it is acted upon.
   *
   * @param bytes of which nothing is taken
   * @return false where it was too much, or what no client may send: the connection is to end with
   *     GOAWAY and {@link #error}
   */
  public synchronized boolean received(ByteBuffer bytes) {
    beginPeriod();
    ByteBuffer in = bytes.duplicate();
    int preface = Math.min(PREFACE.length - prefaceBytes, in.remaining());
    prefaceBytes += preface;
    in.position(in.position() + preface);
    while (in.hasRemaining() && error == NO_ERROR) {
      if (fromClient.reads(in)) {
        received();
      }
      if (fromClient.isAtEnd()) {
        tellPeer();
      }
    }
    tellPeer();
    return error == NO_ERROR;
  }

  /** To be told of all that is sent to the client. */
  public synchronized void sent(ByteBuffer bytes) {
    ByteBuffer out = bytes.duplicate();
    while (out.hasRemaining()) {
      if (toClient.reads(out)) {
        sent();
      }
    }
    tellPeer();
  }

  private void tellPeer() {
    peer.overlapping(
        prefaceBytes < PREFACE.length || midHead || fromClient.isMidControl(), !open.isEmpty());
  }

  /** Whether a request still waits for its answer, and its client for it. */
  public synchronized boolean isOpen(int stream) {
    return open.contains(stream);
  }

  /** The error with which the connection is to end: RFC 9113, 7. */
  public synchronized int error() {
    return error == NO_ERROR ? ENHANCE_YOUR_CALM : error;
  }

  /**
   * The last word to a client who makes too much work, takes too long, or sends what no client may:
   * RFC 9113, 6.8.
   */
  public synchronized byte[] goAway() {
    return goAway(error());
  }

  /**
   * The last word to a client all of whose requests have been answered; what it asks meanwhile it
   * may ask elsewhere.
   *
   * @return null while a request waits for its answer, and where it has been said
   */
  public synchronized byte[] goAwayIfAnswered() {
    if (leaving || !open.isEmpty()) {
      return null;
    }
    leaving = true;
    return goAway(NO_ERROR);
  }

  /**
   * Where this is a GOAWAY, it says now which request was the last that was heeded. Helidon says
   * that none was, and a client may then send all of them once more.
   */
  public synchronized void nameLastStream(byte[] frame) {
    if (frame.length >= GO_AWAY_BYTES && frame[TYPE] == GOAWAY) {
      ByteBuffer.wrap(frame).putInt(Direction.HEAD_BYTES, lastStream);
    }
  }

  private byte[] goAway(int error) {
    return ByteBuffer.allocate(GO_AWAY_BYTES)
        .putInt((GO_AWAY_BYTES - Direction.HEAD_BYTES) << 8 | GOAWAY)
        .put((byte) 0)
        .putInt(0)
        .putInt(lastStream)
        .putInt(error)
        .array();
  }

  private void beginPeriod() {
    long now = System.nanoTime();
    if (now - periodSinceNanos > TimeUnit.MILLISECONDS.toNanos(Limits.HTTP2_PERIOD_MS)) {
      periodSinceNanos = now;
      resetsReceived = 0;
      resetsSent = 0;
      controlFrames = 0;
      answerFrames = 0;
    }
  }

  private void received() {
    error = order.error(fromClient.type, fromClient.flags, fromClient.stream, fromClient.length);
    if (error != NO_ERROR) {
      return;
    }
    switch (fromClient.type) {
      case DATA -> {
        if (!fromClient.has(END_STREAM) && (fromClient.length == 0 || fromClient.has(PADDED))) {
          countControlFrame();
        }
      }
      case HEADERS -> {
        openStream();
        headFrames = 0;
        headBytes = 0;
        countHead();
      }
      case CONTINUATION -> countHead();
      case RST_STREAM -> {
        open.remove(fromClient.stream);
        resetsReceived++;
        limit(Limit.HTTP2_RESETS, resetsReceived, Limits.HTTP2_RESETS);
      }
      default -> countControlFrame();
    }
  }

  private void openStream() {
    if (fromClient.stream > lastStream) { // or it is the trailer of one
      lastStream = fromClient.stream;
      open.add(lastStream);
      limit(Limit.HTTP2_STREAMS, open.size(), Limits.HTTP2_STREAMS);
    }
  }

  private void countHead() {
    midHead = !fromClient.has(END_HEADERS);
    headFrames++;
    headBytes += fromClient.length;
    limit(Limit.HEADER_BYTES, headFrames, Limits.HTTP2_FRAMES_OF_HEAD);
    limit(Limit.HEADER_BYTES, headBytes, Limits.HTTP2_HEADER_LIST_BYTES);
  }

  private void countControlFrame() {
    controlFrames++;
    limit(
        Limit.HTTP2_CONTROL_FRAMES,
        controlFrames,
        Limits.HTTP2_CONTROL_FRAMES + Limits.HTTP2_CONTROL_FRAMES_PER_ANSWER * answerFrames);
  }

  private void sent() {
    switch (toClient.type) {
      case DATA, HEADERS -> {
        answerFrames++;
        if (toClient.has(END_STREAM)) {
          open.remove(toClient.stream);
        }
      }
      case RST_STREAM -> {
        if (open.remove(toClient.stream)) { // or it says once more what both know
          resetsSent++;
          limit(Limit.HTTP2_RESETS, resetsSent, Limits.HTTP2_RESETS);
        }
      }
      default -> {}
    }
  }

  private void limit(Limit which, int count, int max) {
    if (count > max && error == NO_ERROR) {
      error = ENHANCE_YOUR_CALM;
      counts.exceeded(which);
    }
  }

  /** Frames as they follow each other: RFC 9113, 4.1. */
  private static final class Direction {
    private static final int HEAD_BYTES = 9;

    private final ByteBuffer head = ByteBuffer.allocate(HEAD_BYTES);
    private int length;
    private int type;
    private int flags;
    private int stream;

    /** Of the payload. */
    private int left;

    /** Takes some of the bytes; true when the head of a frame is whole. */
    boolean reads(ByteBuffer in) {
      if (left > 0) {
        int skipped = Math.min(left, in.remaining());
        in.position(in.position() + skipped);
        left -= skipped;
        return false;
      }
      head.put(in.get());
      if (head.hasRemaining()) {
        return false;
      }
      length = head.getInt(0) >>> 8;
      type = head.get(TYPE) & 0xff;
      flags = head.get(4);
      stream = head.getInt(5) & Integer.MAX_VALUE;
      left = length;
      head.clear();
      return true;
    }

    boolean has(int flag) {
      return (flags & flag) != 0;
    }

    boolean isAtEnd() {
      return left == 0 && head.position() == 0;
    }

    /** Inside of a frame, but not of a body. */
    boolean isMidControl() {
      return head.position() > 0 || left > 0 && type != DATA;
    }
  }
}
