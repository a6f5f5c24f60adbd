package dev.handlermodels.vertx.sql;

import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.unix.DomainSocketChannel;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.spi.transport.Transport;
import reactor.netty.resources.LoopResources;

/**
 * Hands the driver's connections to Vert.x's event loops, with the transport that these loops have.
 * Left to itself the driver would start threads of its own, and each answer would change threads.
 */
final class VertxLoops implements LoopResources {
  private final EventLoopGroup loops;
  private final Transport transport;

  VertxLoops(VertxInternal vertx) {
    this.loops = vertx.nettyEventLoopGroup();
    this.transport = vertx.transport();
  }

  @Override
  public EventLoopGroup onServer(boolean useNative) {
    return loops;
  }

  /** The driver's library would judge by the class of the loops, which Netty 4.2 has changed. */
  @Override
  public <C extends Channel> C onChannel(Class<C> type, EventLoopGroup group) {
    boolean datagrams = DatagramChannel.class.isAssignableFrom(type);
    boolean local = DomainSocketChannel.class.isAssignableFrom(type);
    Channel channel =
        datagrams
            ? transport.datagramChannelFactory().newChannel()
            : transport.channelFactory(local).newChannel();
    return type.cast(channel);
  }
}
