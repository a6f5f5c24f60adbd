package dev.handlermodels.vertx.wire;

import dev.handlermodels.api.chat.Member;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import java.nio.ByteBuffer;

/**
 * Lets the member of a chat look at what comes before Netty reads its frames. What comes before the
 * WebSocket is open waits here, and nothing else is read meanwhile.
 */
public final class WebSocketFilter extends ChannelInboundHandlerAdapter {
  private final Channel channel;

  /** Null when the WebSocket is open. */
  private ByteBuf early;

  /** Null until then. */
  private Member member;

  private ChannelHandlerContext ctx;

  private WebSocketFilter(Channel channel, byte[] early) {
    this.channel = channel;
    this.early = Unpooled.copiedBuffer(early);
  }

  /**
   * To be called on the channel's event loop.
   *
   * @param early what has come already
   */
  public static WebSocketFilter insert(Channel channel, byte[] early) {
    channel.config().setAutoRead(false);
    WebSocketFilter filter = new WebSocketFilter(channel, early);
    channel.pipeline().addFirst(filter);
    return filter;
  }

  /** The WebSocket is open. */
  public void open(Member opened) {
    member = opened;
    ByteBuf first = early;
    early = null;
    channelRead(ctx, first);
    ctx.fireChannelReadComplete();
    channel.config().setAutoRead(true);
  }

  @Override
  public void channelRead(ChannelHandlerContext here, Object message) {
    ByteBuf bytes = (ByteBuf) message;
    try {
      if (early != null) {
        early = Unpooled.copiedBuffer(early, bytes);
        return;
      }
      ByteBuffer frames = member.received(bytes.nioBuffer());
      if (frames.hasRemaining()) {
        here.fireChannelRead(Unpooled.wrappedBuffer(frames));
        member.settle();
      }
    } finally {
      bytes.release();
    }
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    ctx = added;
  }

  /** Closes the connection. Vert.x would wait until the client has read what is buffered. */
  public void close() {
    channel.eventLoop().execute(ctx::close);
  }

  /** Closes it at once, and the kernel does not keep what the client has not taken. */
  public void reset() {
    channel
        .eventLoop()
        .execute(
            () -> {
              if (channel.isOpen()) {
                channel.config().setOption(ChannelOption.SO_LINGER, 0);
                ctx.close();
              }
            });
  }
}
