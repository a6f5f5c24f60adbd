package dev.handlermodels.blocking.wire;

import dev.handlermodels.api.wire.Http2Frames;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.xnio.conduits.AbstractStreamSinkConduit;
import org.xnio.conduits.StreamSinkConduit;

/** The writing end of a connection over HTTP/2: it shows {@link Http2Frames} what is sent. */
final class Http2SinkConduit extends AbstractStreamSinkConduit<StreamSinkConduit> {
  private final Http2Frames frames;

  Http2SinkConduit(StreamSinkConduit next, Http2Frames frames) {
    super(next);
    this.frames = frames;
  }

  @Override
  public int write(ByteBuffer from) throws IOException {
    ByteBuffer before = from.duplicate();
    int written = next.write(from);
    frames.sent(before.limit(from.position()));
    return written;
  }

  @Override
  public long write(ByteBuffer[] from, int offset, int length) throws IOException {
    ByteBuffer[] before = new ByteBuffer[length];
    for (int i = 0; i < length; i++) {
      before[i] = from[offset + i].duplicate();
    }
    long written = next.write(from, offset, length);
    for (int i = 0; i < length; i++) {
      frames.sent(before[i].limit(from[offset + i].position()));
    }
    return written;
  }
}
