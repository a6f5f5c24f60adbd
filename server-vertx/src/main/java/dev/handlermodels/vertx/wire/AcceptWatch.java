package dev.handlermodels.vertx.wire;

import dev.handlermodels.api.launch.Service;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.MaxMessagesRecvByteBufAllocator;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The listening socket: accepts no faster than the event loops take up, tells whether connections
 * can be accepted, notices that it is lost, and closes it before Vert.x takes the event loops from
 * it. Vert.x hides it, so it is found as the parent of a connection.
 */
public final class AcceptWatch {
  private static final Logger LOG = LoggerFactory.getLogger(AcceptWatch.class);

  private static final int AT_ONCE = 4;

  /**
   * Turns of its loop in which it accepts those whom the kernel has accepted, before it closes: 16
   * in each, and 4096 is the longest queue of the kernel by default.
   */
  private static final int LAST_TURNS = 256;

  private static final int AT_ONCE_IN_LAST_TURNS = 16;

  private final Service service;
  private final Set<Channel> sockets = ConcurrentHashMap.newKeySet();
  private volatile boolean stopping;

  public AcceptWatch(Service service) {
    this.service = service;
  }

  /** A connection has been accepted from this socket. */
  public void accepted(Channel socket) {
    if (sockets.add(socket)) {
      acceptAtOnce(socket, AT_ONCE);
      socket.pipeline().addFirst(new Pace()).addLast(new Failures());
      socket.closeFuture().addListener(_ -> closed());
    }
  }

  private static void acceptAtOnce(Channel socket, int connections) {
    MaxMessagesRecvByteBufAllocator reads =
        (MaxMessagesRecvByteBufAllocator) socket.config().getRecvByteBufAllocator();
    reads.maxMessagesPerRead(connections);
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
    acceptAtOnce(socket, AT_ONCE_IN_LAST_TURNS);
    socket.config().setAutoRead(true); // whatever its pace
    closeAfter(socket, LAST_TURNS);
    return closed;
  }

  private static void closeAfter(Channel socket, int turns) {
    NextTurn.run(
        socket.eventLoop(),
        () -> {
          if (turns == 0) {
            socket.close();
          } else {
            closeAfter(socket, turns - 1);
          }
        });
  }

  /**
   * Accepts some at a time, and more when their event loop has looked at its sockets again. The
   * acceptor has a thread of its own. Without this it hands over thousands at once, and the loop
   * takes up all of them before it serves anybody else.
   */
  private final class Pace extends ChannelInboundHandlerAdapter {
    private Channel newest;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object accepted) {
      newest = (Channel) accepted;
      ctx.fireChannelRead(accepted);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      if (newest != null && !stopping) {
        pauseUntilTakenUp(ctx.channel().config(), newest);
      }
      newest = null;
      ctx.fireChannelReadComplete();
    }

    private static void pauseUntilTakenUp(ChannelConfig socket, Channel connection) {
      socket.setAutoRead(false);
      try {
        NextTurn.run(connection.eventLoop(), () -> socket.setAutoRead(true));
      } catch (IllegalStateException | RejectedExecutionException _) { // it has no loop any more
        socket.setAutoRead(true);
      }
    }
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
