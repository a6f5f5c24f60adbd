package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.blocking.wire.AcceptWatch;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.xnio.IoUtils;
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.StreamConnection;
import org.xnio.Xnio;
import org.xnio.XnioWorker;
import org.xnio.channels.AcceptingChannel;
import org.xnio.management.XnioServerMXBean;

/** The listening socket of server-blocking. */
@Rules
class ListenerTest {
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

  @Test
  void an_IO_thread_that_is_busy_gets_few_and_the_others_wait_in_the_kernel() throws Exception {
    XnioWorker io = Xnio.getInstance().createWorker(OptionMap.create(Options.WORKER_IO_THREADS, 1));
    CompletableFuture<Void> free = new CompletableFuture<>();
    AtomicInteger served = new AtomicInteger();
    List<Socket> clients = new ArrayList<>();
    try (Gate gate = Gate.opened();
        Running server = Model.BLOCKING.start(gate.url(), Map.of())) {
      AcceptWatch watch =
          AcceptWatch.begin(
              server.instance().service(),
              listener(io),
              connection -> {
                Await.result(free);
                served.incrementAndGet();
              });
      connect(50, watch.port(), clients);
      Await.until("some are handed over", () -> handedOver(io) > 0);
      connect(50, watch.port(), clients);
      assertThat(handedOver(io)).isLessThanOrEqualTo(8);
      free.complete(null);
      Await.until("all are served", () -> served.get() == 100);
      watch.close();
    } finally {
      free.complete(null);
      io.shutdownNow();
      for (Socket client : clients) {
        client.close();
      }
    }
  }

  private static void connect(int number, int port, List<Socket> clients) throws IOException {
    for (int i = 0; i < number; i++) {
      clients.add(new Socket(InetAddress.getLoopbackAddress(), port));
    }
  }

  private static int handedOver(XnioWorker io) {
    return io.getMXBean().getServerMXBeans().stream()
        .mapToInt(XnioServerMXBean::getConnectionCount)
        .sum();
  }

  private static AcceptingChannel<StreamConnection> listener(XnioWorker io) throws Exception {
    return io.createStreamConnectionServer(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
        null,
        OptionMap.create(Options.BACKLOG, 1000));
  }

  private static int readiness(Running server) {
    return server.management().get("/health/ready").status();
  }
}
