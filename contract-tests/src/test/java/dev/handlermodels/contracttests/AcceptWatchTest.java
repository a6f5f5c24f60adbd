package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.vertx.wire.AcceptWatch;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What server-vertx makes of a listening socket in trouble. */
@Rules
class AcceptWatchTest {
  @Test
  void it_is_not_ready_while_connections_cannot_be_accepted() {
    try (Gate gate = Gate.opened();
        Running server = Model.VERTX.start(gate.url(), Map.of())) {
      EmbeddedChannel socket = new EmbeddedChannel();
      new AcceptWatch(server.instance().service()).accepted(socket);
      assertThat(readiness(server)).isEqualTo(200);

      // In the order of Netty: the turn ends, then it tells what failed in it.
      socket.pipeline().fireChannelReadComplete();
      socket.pipeline().fireExceptionCaught(new IOException("Too many open files"));
      assertThat(readiness(server)).isEqualTo(503);
      socket.pipeline().fireChannelReadComplete();
      socket.pipeline().fireExceptionCaught(new IOException("Too many open files"));
      assertThat(readiness(server)).isEqualTo(503);

      socket.pipeline().fireChannelReadComplete();
      assertThat(readiness(server)).isEqualTo(200);
    }
  }

  @Test
  void a_socket_that_is_lost_is_not_one_that_is_closed() {
    try (Gate gate = Gate.opened();
        Running server = Model.VERTX.start(gate.url(), Map.of())) {
      AcceptWatch stopped = new AcceptWatch(server.instance().service());
      EmbeddedChannel closed = new EmbeddedChannel();
      stopped.accepted(closed);
      stopped.stopping();
      closed.close();
      closed.runPendingTasks();
      assertThat(readiness(server)).isEqualTo(200);

      EmbeddedChannel lost = new EmbeddedChannel();
      new AcceptWatch(server.instance().service()).accepted(lost);
      lost.close();
      lost.runPendingTasks();
      assertThat(readiness(server)).isEqualTo(503);
    }
  }

  private static int readiness(Running server) {
    return server.management().get("/health/ready").status();
  }
}
