package dev.handlermodels.loadtests.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Reads one answer of server-sent events in chunks, byte by byte as it arrives. It knows no more
 * HTTP than the load generator of streams needs.
 */
final class EventParser {
  /** Longer than any line that matters; the rest of a longer one is dropped. */
  private static final int LINE_BYTES = 64;

  private static final String ID = "id: ";

  /** What is told of an answer. */
  interface Listener {
    /** The answer has begun. */
    void status(int code) throws IOException;

    /** An item has come, by its id. */
    void item(long id);

    /** The answer has ended as it should. */
    void end() throws IOException;
  }

  private enum State {
    STATUS,
    HEADERS,
    CHUNK_SIZE,
    CHUNK,
    AFTER_CHUNK,
    OVER
  }

  private final Listener listener;
  private final byte[] line = new byte[LINE_BYTES];
  private int lineLength;
  private State state = State.STATUS;
  private int leftOfChunk;

  EventParser(Listener listener) {
    this.listener = listener;
  }

  /**
   * @throws IOException where the bytes are no such answer
   */
  void read(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      byte next = bytes.get();
      boolean inChunk = state == State.CHUNK;
      if (next != '\n') {
        if (lineLength < LINE_BYTES && next != '\r') {
          line[lineLength++] = next;
        }
      } else {
        String text = new String(line, 0, lineLength, StandardCharsets.ISO_8859_1);
        lineLength = 0;
        line(text);
      }
      if (inChunk && --leftOfChunk == 0) {
        state = State.AFTER_CHUNK;
      }
    }
  }

  private void line(String text) throws IOException {
    switch (state) {
      case STATUS -> {
        listener.status(number(text.startsWith("HTTP/1.1 ") ? text.substring(9, 12) : "", 10));
        state = State.HEADERS;
      }
      case HEADERS -> state = text.isEmpty() ? State.CHUNK_SIZE : state;
      case CHUNK_SIZE -> {
        leftOfChunk = number(text, 16);
        state = leftOfChunk == 0 ? State.OVER : State.CHUNK;
      }
      case CHUNK -> {
        if (text.startsWith(ID)) {
          listener.item(number(text.substring(ID.length()), 10));
        }
      }
      case AFTER_CHUNK -> state = State.CHUNK_SIZE;
      case OVER -> listener.end();
    }
  }

  private static int number(String text, int radix) throws IOException {
    try {
      return Integer.parseInt(text, radix);
    } catch (NumberFormatException e) {
      throw new IOException("This is no answer of events: '" + text + "'.", e);
    }
  }
}
