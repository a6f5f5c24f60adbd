package dev.handlermodels.api.wire;

import dev.handlermodels.api.wire.ConnectionTable.Connection;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices clients that hang up while a thread works for them and nobody reads their connection: one
 * thread looks into the {@link ConnectionTable} for all requests that have been running for a
 * while. A client that closes only its sending side counts as gone, for the kernel cannot tell the
 * two apart.
 *
 * <p>Where there is no such table, nothing is noticed until the answer is written.
 */
public final class DisconnectWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DisconnectWatch.class);

  /** From one look to the next; requests that have not run that long are not worth one. */
  private static final long PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  private static final long MAX_PERIOD_NANOS = TimeUnit.SECONDS.toNanos(5);

  /** The kernel lists its table in pieces; a connection may be missing from one by chance. */
  private static final int MISSED_IS_GONE = 2;

  private final LookPace pace = new LookPace(PERIOD_NANOS, MAX_PERIOD_NANOS);
  private final Set<Watched> watched = ConcurrentHashMap.newKeySet();
  private Thread thread;
  private boolean closed;

  /** A connection that is looked at until this is closed. */
  public final class Watched implements AutoCloseable {
    private final InetSocketAddress local;
    private final InetSocketAddress peer;
    private final BooleanSupplier isReset;
    private final Runnable onHangUp;
    private final long sinceNanos = System.nanoTime();
    private int missed;

    private Watched(
        InetSocketAddress local,
        InetSocketAddress peer,
        BooleanSupplier isReset,
        Runnable onHangUp) {
      this.local = local;
      this.peer = peer;
      this.isReset = isReset;
      this.onHangUp = onHangUp;
    }

    private boolean isGone(Map<Connection, ConnectionTable.State> table) {
      if (isReset.getAsBoolean()) {
        return true;
      }
      ConnectionTable.State state = table.get(Connection.of(local, peer));
      missed = state == null ? missed + 1 : 0;
      return state == null ? missed >= MISSED_IS_GONE : !state.isOpen();
    }

    @Override
    public void close() {
      watched.remove(this);
    }
  }

  /**
   * @param isReset whether it is over before the connection is; asked on the watching thread, too
   * @param onHangUp runs once, on the watching thread, so it must not wait
   */
  public Watched watch(
      InetSocketAddress local, InetSocketAddress peer, BooleanSupplier isReset, Runnable onHangUp) {
    Watched connection = new Watched(local, peer, isReset, onHangUp);
    watched.add(connection);
    startOnce();
    return connection;
  }

  private void startOnce() {
    if (thread != null) { // unsynchronized: at worst the lock below is taken once more
      return;
    }
    synchronized (this) {
      if (thread == null && !closed) {
        thread = Thread.ofPlatform().daemon().name("hang-up-watch").start(this::run);
      }
    }
  }

  private void run() {
    if (!ConnectionTable.isAvailable()) {
      LOG.info("no table of connections here: clients that hang up are noticed late");
      return;
    }
    long pauseNanos = PERIOD_NANOS;
    try {
      while (!Thread.currentThread().isInterrupted()) {
        TimeUnit.NANOSECONDS.sleep(pauseNanos);
        pauseNanos = lookOrComplain();
      }
    } catch (InterruptedException _) {
      // Closed.
    }
  }

  /**
   * Whatever fails now may go well the next time: file descriptors may be short, for one.
   *
   * @return the pause until the next look; after a failure it can wait
   */
  private long lookOrComplain() {
    long now = System.nanoTime();
    pace.begins();
    try {
      look(watched.stream().filter(w -> now - w.sinceNanos > PERIOD_NANOS).toList());
    } catch (IOException | RuntimeException e) {
      LOG.warn("clients that have hung up could not be looked for", e);
      return MAX_PERIOD_NANOS;
    }
    return pace.pauseNanos();
  }

  private void look(List<Watched> running) throws IOException {
    if (running.isEmpty()) {
      return;
    }
    BitSet ports = new BitSet();
    running.forEach(w -> ports.set(w.local.getPort()));
    Map<Connection, ConnectionTable.State> table = ConnectionTable.read(ports);
    if (table.isEmpty()) {
      return; // it does not even show our listener, so it is not the table of our connections
    }
    for (Watched connection : running) {
      if (connection.isGone(table) && watched.remove(connection)) {
        connection.onHangUp.run();
      }
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (thread != null) {
      thread.interrupt();
    }
  }
}
