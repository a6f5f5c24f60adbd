package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.blocking.wire.AcceptWatch;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.xnio.IoUtils;
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
      AcceptWatch closed =
          AcceptWatch.begin(server.instance().service(), listener(io), IoUtils::safeClose);
      closed.close();
      assertThat(readiness(server)).isEqualTo(200);

      AcceptingChannel<StreamConnection> lost = listener(io);
      AcceptWatch watch = AcceptWatch.begin(server.instance().service(), lost, IoUtils::safeClose);
      lost.close();
      Await.until("it is not ready", () -> readiness(server) == 503);
      watch.close();
    } finally {
      io.shutdownNow();
    }
  }

  private static AcceptingChannel<StreamConnection> listener(XnioWorker io) throws Exception {
    return io.createStreamConnectionServer(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), null, OptionMap.EMPTY);
  }

  private static int readiness(Running server) {
    return server.management().get("/health/ready").status();
  }
}
