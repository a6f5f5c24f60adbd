package dev.handlermodels.blocking.wire;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.xnio.conduits.AbstractStreamSinkConduit;
import org.xnio.conduits.StreamSinkConduit;

/**
 * Writes to the socket in pieces. The JDK copies a heap buffer as a whole into direct memory before
 * it writes, and each thread keeps the room for its largest one: 40 threads that write an answer of
 * 1.7 MB would take more direct memory than jvm.options allows.
 */
final class PieceConduit extends AbstractStreamSinkConduit<StreamSinkConduit> {
  /** The kernel takes hardly more at once. */
  private static final int PIECE_BYTES = 64 * 1024;

  PieceConduit(StreamSinkConduit next) {
    super(next);
  }

  @Override
  public int write(ByteBuffer from) throws IOException {
    if (from.remaining() <= PIECE_BYTES) {
      return next.write(from);
    }
    int limit = from.limit();
    from.limit(from.position() + PIECE_BYTES);
    try {
      return next.write(from);
    } finally {
      from.limit(limit);
    }
  }

  @Override
  public long write(ByteBuffer[] from, int offset, int length) throws IOException {
    int room = PIECE_BYTES;
    for (int i = 0; i < length; i++) {
      ByteBuffer part = from[offset + i];
      if (part.remaining() > room) {
        return writeUpTo(room, from, offset, i + 1);
      }
      room -= part.remaining();
    }
    return next.write(from, offset, length);
  }

  /** Writes all of these, but only a part of the last one. */
  private long writeUpTo(int room, ByteBuffer[] from, int offset, int length) throws IOException {
    ByteBuffer last = from[offset + length - 1];
    int limit = last.limit();
    last.limit(last.position() + room);
    try {
      return next.write(from, offset, length);
    } finally {
      last.limit(limit);
    }
  }
}
