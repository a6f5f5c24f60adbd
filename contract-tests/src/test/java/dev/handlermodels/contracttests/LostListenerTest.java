package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.blocking.wire.AcceptWatch;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.xnio.ChannelListeners;
import org.xnio.OptionMap;
import org.xnio.StreamConnection;
import org.xnio.Xnio;
import org.xnio.XnioWorker;
import org.xnio.channels.AcceptingChannel;

/** What server-blocking makes of a listening socket that ends. */
@Rules
class LostListenerTest {
  @Test
  void a_socket_that_is_lost_is_not_one_that_is_closed() throws Exception {
    XnioWorker io = Xnio.getInstance().createWorker(OptionMap.EMPTY);
    try (Gate gate = Gate.opened();
        Running server = Model.BLOCKING.start(gate.url(), Map.of())) {
      AcceptWatch closed = AcceptWatch.of(server.instance().service(), listener(io));
      closed.close();
      assertThat(readiness(server)).isEqualTo(200);

      AcceptingChannel<StreamConnection> lost = listener(io);
      AcceptWatch watch = AcceptWatch.of(server.instance().service(), lost);
      lost.close();
      Await.until("it is not ready", () -> readiness(server) == 503);
      watch.close();
    } finally {
      io.shutdownNow();
    }
  }

  private static AcceptingChannel<StreamConnection> listener(XnioWorker io) throws Exception {
    return io.createStreamConnectionServer(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
        ChannelListeners.openListenerAdapter(StreamConnection::getIoThread),
        OptionMap.EMPTY);
  }

  private static int readiness(Running server) {
    return server.management().get("/health/ready").status();
  }
}
