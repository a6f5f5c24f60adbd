package dev.handlermodels.blocking.wire;

import dev.handlermodels.api.Limits;
import dev.handlermodels.api.wire.Http2Frames;
import io.undertow.UndertowOptions;
import io.undertow.connector.PooledByteBuffer;
import io.undertow.protocols.http2.AbstractHttp2StreamSourceChannel;
import io.undertow.protocols.http2.Http2Channel;
import io.undertow.server.protocol.framed.FrameHeaderData;
import io.undertow.server.protocol.http.HttpOpenListener;
import io.undertow.server.protocol.http2.Http2ReceiveListener;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.xnio.ChannelListener;
import org.xnio.IoUtils;
import org.xnio.OptionMap;
import org.xnio.StreamConnection;
import org.xnio.conduits.ConduitStreamSourceChannel;

/**
 * HTTP/2 with prior knowledge. It reads what a client sends first, and hands a connection that
 * begins with the preface to Undertow's HTTP/2, and any other to Undertow's HTTP/1.1. Undertow
 * could tell the two apart by itself, but then a request would not lead to its {@link Connection}.
 */
final class Http2 implements ChannelListener<ConduitStreamSourceChannel> {
  private final HttpOpenListener http1;
  private final StreamConnection socket;
  private final Connection connection;

  /** Takes no more bytes than are needed to tell the two apart. */
  private final ByteBuffer first = ByteBuffer.allocate(Http2Frames.PREFACE_BYTES);

  private Http2(HttpOpenListener http1, StreamConnection socket, Connection connection) {
    this.http1 = http1;
    this.socket = socket;
    this.connection = connection;
  }

  /** Those of our limits for which Undertow has an option. */
  private OptionMap options() {
    return OptionMap.builder()
        .addAll(http1.getUndertowOptions())
        .set(UndertowOptions.HTTP2_SETTINGS_ENABLE_PUSH, false)
        .set(UndertowOptions.HTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, Limits.HTTP2_STREAMS)
        .set(UndertowOptions.HTTP2_SETTINGS_INITIAL_WINDOW_SIZE, Limits.HTTP2_WINDOW_BYTES)
        .set(UndertowOptions.HTTP2_SETTINGS_MAX_FRAME_SIZE, Limits.HTTP2_FRAME_BYTES)
        .set(UndertowOptions.MAX_HEADER_SIZE, Limits.HTTP2_HEADER_LIST_BYTES)
        // Our limit is reached first: Undertow would close before its GOAWAY has left.
        .set(UndertowOptions.MAX_RST_FRAMES_PER_WINDOW, 2 * Limits.HTTP2_RESETS)
        .set(UndertowOptions.RST_FRAMES_TIME_WINDOW, Limits.HTTP2_PERIOD_MS)
        .getMap();
  }

  /** Takes an accepted connection, in place of the HTTP/1.1 listener. */
  static void offer(HttpOpenListener http1, StreamConnection socket, Connection connection) {
    ConduitStreamSourceChannel in = socket.getSourceChannel();
    in.setReadListener(new Http2(http1, socket, connection));
    in.resumeReads();
  }

  /** The connection has bytes to read. */
  @Override
  public void handleEvent(ConduitStreamSourceChannel in) {
    if (!read(in)) {
      end(in);
      IoUtils.safeClose(socket);
      return;
    }
    switch (Http2Frames.begins(first.duplicate().flip())) {
      case HTTP1 -> {
        end(in);
        connection.beginHttp1(first.flip());
        http1.handleEvent(socket);
      }
      case HTTP2 -> {
        end(in);
        connection.beginHttp2(first.duplicate().flip(), () -> channel(buffer()));
      }
      case UNKNOWN -> {}
    }
  }

  private boolean read(ConduitStreamSourceChannel in) {
    try {
      return in.read(first) >= 0;
    } catch (IOException _) {
      return false; // reset
    }
  }

  /** The bytes read so far, in a buffer of Undertow's pool. */
  private PooledByteBuffer buffer() {
    PooledByteBuffer buffer = http1.getBufferPool().allocate();
    buffer.getBuffer().put(first.flip()).flip();
    return buffer;
  }

  private static void end(ConduitStreamSourceChannel in) {
    in.suspendReads();
    in.setReadListener(null);
  }

  private Http2Channel channel(PooledByteBuffer buffer) {
    OptionMap options = options();
    Http2Channel channel =
        new Http2Channel(socket, null, http1.getBufferPool(), buffer, false, false, options) {
          @Override
          protected AbstractHttp2StreamSourceChannel createChannelImpl(
              FrameHeaderData head, PooledByteBuffer data) throws IOException {
            try {
              return super.createChannelImpl(head, data);
            } catch (NumberFormatException _) { // in Content-Length; Undertow would log it
              data.close();
              sendGoAway(ERROR_PROTOCOL_ERROR);
              return null;
            }
          }
        };
    channel
        .getReceiveSetter()
        .set(
            new Http2ReceiveListener(
                http1.getRootHandler(), options, buffer.getBuffer().capacity(), null));
    return channel;
  }
}
