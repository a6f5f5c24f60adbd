package dev.handlermodels.upstream;

import dev.handlermodels.api.admission.CarrierPace;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * The slow service: {@code GET /wait?waitMs=N} answers N ms later, never earlier.
 *
 * <p>It speaks HTTP/1.1 on plain sockets, one virtual thread a connection, because its other
 * purpose is to misbehave: reset, garbage, truncated and dripping answers are what HTTP server
 * libraries exist to prevent. It also costs less than they do, which matters where server, upstream
 * and load share the cores.
 */
public final class UpstreamServer implements AutoCloseable {
  private static final int BACKLOG = 10_000;
  private static final int MAX_CONNECTIONS = 20_000;
  private static final long ACCEPT_BACK_OFF_NANOS = 10_000_000;

  private final ServerSocket listener;
  private final UpstreamStats stats = new UpstreamStats();
  private final AtomicReference<Misbehaviour> misbehaviour =
      new AtomicReference<>(new Misbehaviour(Fault.NONE, 0, 1));
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();

  private UpstreamServer(ServerSocket listener) {
    this.listener = listener;
  }

  /**
   * What calls get from now on.
   *
   * @param every 1 for every call, n for one of n
   * @param calls so far
   */
  record Misbehaviour(Fault fault, int slowMs, int every, AtomicInteger calls) {
    Misbehaviour(Fault fault, int slowMs, int every) {
      this(fault, slowMs, every, new AtomicInteger());
    }

    /** What this call gets. */
    Fault next() {
      return calls.incrementAndGet() % every == 0 ? fault : Fault.NONE;
    }
  }

  /**
   * @param port 0 for any free one
   * @throws IOException where the port is in use
   */
  public static UpstreamServer start(String host, int port) throws IOException {
    ServerSocket listener = new ServerSocket(port, BACKLOG, InetAddress.getByName(host));
    UpstreamServer server = new UpstreamServer(listener);
    Thread.ofPlatform().daemon().name("upstream-accept").start(server::acceptAll);
    return server;
  }

  private void acceptAll() {
    CarrierPace pace = new CarrierPace();
    while (!listener.isClosed()) {
      try {
        Socket socket = listener.accept();
        if (open.size() >= MAX_CONNECTIONS) {
          socket.close();
          continue;
        }
        open.add(socket);
        Thread.ofVirtual().name("upstream").start(() -> serve(socket));
        pace.started();
      } catch (IOException _) {
        // The listener was closed, the peer had gone again, or there are no file descriptors left.
        LockSupport.parkNanos(ACCEPT_BACK_OFF_NANOS);
      }
    }
  }

  private void serve(Socket socket) {
    stats.connected();
    try (socket) {
      socket.setTcpNoDelay(true);
      new UpstreamConnection(socket, stats, misbehaviour).serve();
    } catch (IOException _) {
      // The peer has gone; what it asked was counted as aborted.
    } finally {
      open.remove(socket);
      stats.disconnected();
    }
  }

  public int port() {
    return listener.getLocalPort();
  }

  public URI url() {
    return URI.create("http://" + listener.getInetAddress().getHostAddress() + ":" + port());
  }

  public UpstreamStats stats() {
    return stats;
  }

  /** From now on every call gets this; {@code slowMs} matters to SLOW and DRIP. */
  public void misbehave(Fault fault, int slowMs) {
    misbehave(fault, slowMs, 1);
  }

  /** The same for one call of so many. */
  public void misbehave(Fault fault, int slowMs, int every) {
    misbehaviour.set(new Misbehaviour(fault, slowMs, every));
  }

  /** Stops listening and breaks every connection. */
  @Override
  public void close() {
    try {
      listener.close();
      for (Socket socket : open) {
        socket.close();
      }
    } catch (IOException _) {
      // Closing is all that was wanted.
    }
  }
}
