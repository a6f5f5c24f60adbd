package dev.handlermodels.nima.wire;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataWriter;

/** Passes what Helidon writes over HTTP/2 to {@link Http2Streams}, at once. */
final class FrameWriter implements DataWriter {
  private final Http2Streams streams;
  private final DataWriter socket;

  FrameWriter(Http2Streams streams, DataWriter socket) {
    this.streams = streams;
    this.socket = socket;
  }

  @Override
  public void write(BufferData... buffers) {
    streams.write(BufferData.create(buffers));
  }

  @Override
  public void write(BufferData buffer) {
    streams.write(buffer);
  }

  @Override
  public void writeNow(BufferData... buffers) {
    streams.write(BufferData.create(buffers));
  }

  @Override
  public void writeNow(BufferData buffer) {
    streams.write(buffer);
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
