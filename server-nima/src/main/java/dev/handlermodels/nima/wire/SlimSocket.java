package dev.handlermodels.nima.wire;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.NioSocket;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Arrays;

/**
 * The socket of a connection without Helidon's buffers: it gives two of 8 KiB to each, idle or not,
 * which was most of what a connection cost. This rests on internals of its pinned version.
 */
final class SlimSocket implements DataWriter {
  private static final int SMALL_BYTES = 1024;
  private static final int LARGE_BYTES = 8 * 1024;
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
  private static final Field CHANNEL = field("delegate");
  private static final Field READ_BUFFER = field("readBuffer");
  private static final Field WRITE_BUFFER = field("writeBuffer");

  private final SocketChannel channel;
  private int next = SMALL_BYTES;

  /**
   * @param helidon which cannot read or write itself from now on
   */
  SlimSocket(HelidonSocket helidon) {
    try {
      channel = (SocketChannel) CHANNEL.get(helidon);
      READ_BUFFER.set(helidon, NOTHING);
      WRITE_BUFFER.set(helidon, NOTHING);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Field field(String name) {
    try {
      Field field = NioSocket.class.getDeclaredField(name);
      field.setAccessible(true);
      return field;
    } catch (NoSuchFieldException e) {
      throw new IllegalStateException("this version of Helidon is not known", e);
    }
  }

  /** Waits for more bytes; null at the end of the connection. */
  byte[] read() {
    ByteBuffer in = ByteBuffer.allocate(next);
    try {
      int length = channel.read(in);
      next = in.hasRemaining() ? SMALL_BYTES : LARGE_BYTES;
      return length < 0 ? null : Arrays.copyOf(in.array(), length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Closes it so that the kernel forgets what the client has not taken. */
  void closeByReset() {
    try {
      channel.setOption(StandardSocketOptions.SO_LINGER, 0);
      channel.close();
    } catch (IOException _) {
      // It has been closed meanwhile.
    }
  }

  @Override
  public void write(BufferData... buffers) {
    writeNow(BufferData.create(buffers));
  }

  @Override
  public void write(BufferData buffer) {
    writeNow(buffer);
  }

  @Override
  public void writeNow(BufferData... buffers) {
    writeNow(BufferData.create(buffers));
  }

  @Override
  public void writeNow(BufferData buffer) {
    ByteBuffer out = ByteBuffer.wrap(Http2Streams.bytes(buffer));
    try {
      while (out.hasRemaining()) {
        channel.write(out);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
