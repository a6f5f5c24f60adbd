package dev.handlermodels.nima.wire;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataWriter;

/** Passes on what Helidon writes over HTTP/1.1, and tells the connection when a write ends. */
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
    socket.write(buffers);
    connection.writeEnds(interim);
  }

  @Override
  public void write(BufferData buffer) {
    boolean interim = connection.writeBegins();
    socket.write(buffer);
    connection.writeEnds(interim);
  }

  @Override
  public void writeNow(BufferData... buffers) {
    boolean interim = connection.writeBegins();
    socket.writeNow(buffers);
    connection.writeEnds(interim);
  }

  @Override
  public void writeNow(BufferData buffer) {
    boolean interim = connection.writeBegins();
    socket.writeNow(buffer);
    connection.writeEnds(interim);
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
