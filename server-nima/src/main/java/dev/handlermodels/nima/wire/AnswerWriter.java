package dev.handlermodels.nima.wire;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataWriter;

/**
 * Passes on what Helidon writes over HTTP/1.1, and tells the connection when a write ends. Helidon
 * sends the body of a refusal in answer to HEAD, too, and chunks of a stream to HTTP/1.0: here both
 * are taken away.
 */
final class AnswerWriter implements DataWriter {
  private final Connection connection;
  private final DataWriter socket;

  AnswerWriter(Connection connection, DataWriter socket) {
    this.connection = connection;
    this.socket = socket;
  }

  @Override
  public void write(BufferData... buffers) {
    boolean interim = connection.writeBegins();
    socket.write(allowed(BufferData.create(buffers)));
    connection.writeEnds(interim);
  }

  @Override
  public void write(BufferData buffer) {
    boolean interim = connection.writeBegins();
    socket.write(allowed(buffer));
    connection.writeEnds(interim);
  }

  @Override
  public void writeNow(BufferData... buffers) {
    boolean interim = connection.writeBegins();
    socket.writeNow(allowed(BufferData.create(buffers)));
    connection.writeEnds(interim);
  }

  @Override
  public void writeNow(BufferData buffer) {
    boolean interim = connection.writeBegins();
    socket.writeNow(allowed(buffer));
    connection.writeEnds(interim);
  }

  private BufferData allowed(BufferData written) {
    if (connection.isToHead()) {
      return headOnly(written.readBytes());
    }
    return connection.isWithoutChunks() ? withoutChunk(written.readBytes()) : written;
  }

  /** Helidon writes a head and the body behind it at once, and each head of its own. */
  private static BufferData headOnly(byte[] bytes) {
    int end = 0;
    while (end < bytes.length && !isHeadEnd(bytes, end)) {
      end++;
    }
    return BufferData.create(bytes, 0, end);
  }

  private static boolean isHeadEnd(byte[] bytes, int end) {
    return end >= 4
        && bytes[end - 4] == '\r'
        && bytes[end - 3] == '\n'
        && bytes[end - 2] == '\r'
        && bytes[end - 1] == '\n';
  }

  /** Helidon writes a head, each chunk, and the last one of no bytes, at once and alone. */
  private static BufferData withoutChunk(byte[] bytes) {
    if (bytes[0] == 'H') { // no digit
      return BufferData.create(bytes);
    }
    int begin = 0;
    while (bytes[begin] != '\n') {
      begin++;
    }
    begin++;
    return BufferData.create(bytes, begin, bytes.length - begin - 2);
  }

  @Override
  public void flush() {
    socket.flush();
  }

  @Override
  public void close() {
    socket.close();
  }
}
