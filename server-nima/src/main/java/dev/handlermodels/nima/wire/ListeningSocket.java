package dev.handlermodels.nima.wire;

import dev.handlermodels.api.admission.CarrierPace;
import dev.handlermodels.api.launch.Service;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The listening socket as Helidon sees it. Helidon 4.5.0 ends its listener for good where one
 * accept fails, as it does without descriptors, and the process lives on. This one tries again
 * until it can, and says meanwhile that nobody can connect. It accepts no faster than the carriers
 * take up. Before it is closed, it accepts everybody whom the kernel has accepted.
 */
final class ListeningSocket extends ServerSocketChannel {
  private static final Logger LOG = LoggerFactory.getLogger(ListeningSocket.class);
  private static final int RETRY_MS = 50;

  /** A socket that somebody else has closed is noticed so soon. */
  private static final int LOOK_MS = 250;

  /** Everybody who has connected is accepted sooner than this. */
  private static final int STOP_MS = 1000;

  private final ServerSocketChannel socket;
  private final Service service;
  private final Selector selector;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final CountDownLatch closed = new CountDownLatch(1);
  private final CarrierPace pace = new CarrierPace();
  private volatile boolean stopping;
  private boolean accepts = true;

  ListeningSocket(ServerSocketChannel socket, Service service) throws IOException {
    super(socket.provider());
    this.socket = socket;
    this.service = service;
    this.selector = Selector.open();
    socket.configureBlocking(false);
    socket.register(selector, SelectionKey.OP_ACCEPT);
  }

  /** Waits for the next connection, on one thread. */
  @Override
  public SocketChannel accept() throws IOException {
    if (!stopping) {
      pace.started(); // Helidon has done so with the connection before
    }
    SocketChannel accepted = next();
    while (accepted == null && !stopping) {
      selector.select(LOOK_MS);
      selector.selectedKeys().clear();
      accepted = next();
    }
    return accepted == null ? end() : accepted;
  }

  /** Null where nobody has come, or nobody can be accepted now. */
  private SocketChannel next() throws IOException {
    try {
      SocketChannel accepted = socket.accept();
      accepts(true); // also where nobody has come: the kernel looks for a descriptor first
      return accepted;
    } catch (ClosedChannelException _) {
      if (!stopping && isOpen()) {
        service.listenerLost();
      }
      return end();
    } catch (IOException e) {
      if (accepts) {
        LOG.warn("connections cannot be accepted: {}", e.getMessage());
      }
      accepts(false);
      pause(); // the selector would not wait
      return null;
    }
  }

  private void accepts(boolean can) {
    if (can != accepts) {
      accepts = can;
      service.acceptsConnections(can);
    }
  }

  private static void pause() throws IOException {
    try {
      Thread.sleep(RETRY_MS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw new AsynchronousCloseException();
    }
  }

  /** Nobody can connect any more. Helidon must not see that before it closes this itself. */
  private SocketChannel end() throws IOException {
    socket.close();
    selector.selectNow(); // takes the key away, and with it the descriptor
    stopped.countDown();
    try {
      closed.await();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    throw new AsynchronousCloseException();
  }

  /** Returns when everybody who has connected is accepted, and nobody else can connect. */
  void stop() {
    stopping = true;
    selector.wakeup();
    try {
      if (!stopped.await(STOP_MS, TimeUnit.MILLISECONDS)) {
        LOG.warn("the last connections were not accepted within {} ms", STOP_MS);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  protected void implCloseSelectableChannel() throws IOException {
    closed.countDown();
    socket.close();
    selector.close();
  }

  @Override
  protected void implConfigureBlocking(boolean block) {
    // To whoever accepts, this one always waits.
  }

  @Override
  public ServerSocketChannel bind(SocketAddress local, int backlog) throws IOException {
    socket.bind(local, backlog);
    return this;
  }

  @Override
  public <T> ServerSocketChannel setOption(SocketOption<T> name, T value) throws IOException {
    socket.setOption(name, value);
    return this;
  }

  @Override
  public <T> T getOption(SocketOption<T> name) throws IOException {
    return socket.getOption(name);
  }

  @Override
  public Set<SocketOption<?>> supportedOptions() {
    return socket.supportedOptions();
  }

  @Override
  public ServerSocket socket() {
    return socket.socket();
  }

  @Override
  public SocketAddress getLocalAddress() throws IOException {
    return socket.getLocalAddress();
  }
}
