package dev.handlermodels.vertx.wire;

import dev.handlermodels.api.launch.Service;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The listening socket: tells whether connections can be accepted, notices that it is lost, and
 * closes it before Vert.x takes the event loops from it. Vert.x hides it, so it is found as the
 * parent of a connection.
 */
public final class AcceptWatch {
  private static final Logger LOG = LoggerFactory.getLogger(AcceptWatch.class);

  /** Turns of its loop in which it accepts those whom the kernel has accepted, before it closes. */
  private static final int LAST_TURNS = 3;

  private final Service service;
  private final Set<Channel> sockets = ConcurrentHashMap.newKeySet();
  private volatile boolean stopping;

  public AcceptWatch(Service service) {
    this.service = service;
  }

  /** A connection has been accepted from this socket. */
  public void accepted(Channel socket) {
    if (sockets.add(socket)) {
      socket.pipeline().addLast(new Failures());
      socket.closeFuture().addListener(_ -> closed());
    }
  }

  private void closed() {
    if (!stopping) {
      service.listenerLost();
    }
  }

  /** The end of the sockets is no loss from now on. */
  public void stopping() {
    stopping = true;
  }

  /**
   * Closes the sockets.
   *
   * @return done when they are closed, and all that were accepted are known to their event loops
   */
  public CompletionStage<Void> stop() {
    stopping();
    return CompletableFuture.allOf(
        sockets.stream().map(AcceptWatch::closeSoon).toArray(CompletableFuture[]::new));
  }

  private static CompletableFuture<Void> closeSoon(Channel socket) {
    CompletableFuture<Void> closed = new CompletableFuture<>();
    socket.closeFuture().addListener(_ -> closed.complete(null));
    closeAfter(socket, LAST_TURNS);
    return closed;
  }

  private static void closeAfter(Channel socket, int turns) {
    socket
        .eventLoop()
        .execute(
            () -> {
              if (turns == 0) {
                socket.close();
              } else {
                closeAfter(socket, turns - 1);
              }
            });
  }

  /**
   * Netty tries again after a second, whether there are descriptors then or not. It reports a
   * failure after the end of the turn in which it happened, so a turn that ends brings it back.
   */
  private final class Failures extends ChannelInboundHandlerAdapter {
    private boolean failing;

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      if (!failing) {
        LOG.warn("connections cannot be accepted: {}", cause.getMessage());
      }
      failing = true;
      service.acceptsConnections(false);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      if (failing) {
        failing = false;
        service.acceptsConnections(true);
      }
    }
  }
}
