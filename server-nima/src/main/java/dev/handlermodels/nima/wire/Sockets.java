package dev.handlermodels.nima.wire;

import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.NioSocket;
import java.io.IOException;
import java.lang.reflect.Field;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;

/** What Helidon's sockets cannot do; this rests on internals of its pinned version. */
final class Sockets {
  private static final Field CHANNEL = channelField();

  private Sockets() {}

  private static Field channelField() {
    try {
      Field field = NioSocket.class.getDeclaredField("delegate");
      field.setAccessible(true);
      return field;
    } catch (NoSuchFieldException e) {
      throw new IllegalStateException("this version of Helidon is not known", e);
    }
  }

  /** Closes it so that the kernel forgets what the client has not taken. */
  static void closeByReset(HelidonSocket socket) {
    try {
      SocketChannel channel = (SocketChannel) CHANNEL.get(socket);
      channel.setOption(StandardSocketOptions.SO_LINGER, 0);
      channel.close();
    } catch (IOException _) {
      // It has been closed meanwhile.
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }
}
