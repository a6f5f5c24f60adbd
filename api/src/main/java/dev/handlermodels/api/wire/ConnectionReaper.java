package dev.handlermodels.api.wire;

import dev.handlermodels.api.Limit;
import dev.handlermodels.api.settings.Settings;
import dev.handlermodels.api.wire.ConnectionTable.Connection;
import dev.handlermodels.api.wire.ConnectionTable.State;
import java.io.IOException;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connections of the main listener: no more of them than MAX_CONNECTIONS, of one client no more
 * than MAX_CONNECTIONS_PER_CLIENT, and none whose peer takes too long to send a head or to take an
 * answer, however busily it does so (a byte now and then resets every idle timer), or has nothing
 * to ask for too long. One thread looks at all connections every so often; on its way a request
 * only notes that something has begun or ended, which costs next to nothing.
 *
 * <p>A short answer leaves into the kernel, where it waits for the client out of sight. So an
 * answer that has left is looked for in the {@link ConnectionTable} until the client's machine has
 * it.
 */
public final class ConnectionReaper implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ConnectionReaper.class);
  private static final int MAX_CHECK_MS = 250;
  private static final long NOTHING = 0;
  private static final long ENDED = -1;

  /** Most clients take an answer sooner, and then nobody has to look for it. */
  private static final int MAX_UNSEEN_MS = 1000;

  /** With thousands of connections looks for it get rarer: see {@link LookPace}. */
  private static final int MAX_KERNEL_PAUSE_MS = 5000;

  private final Limit.Counts counts;
  private final ConnectionMemory memory;
  private final int maxConnections;

  /** By {@link Connection#peerNetwork}; null for no limit. */
  private final Shares<Long> ofClients;

  private final long headerTimeoutMs;
  private final long answerTimeoutMs;
  private final long idleTimeoutMs;
  private final Set<Peer> connected = ConcurrentHashMap.newKeySet();
  private final Set<Answer> answers = ConcurrentHashMap.newKeySet();

  /** Of {@link #connected}, which would have to count them. */
  private final AtomicInteger connections = new AtomicInteger();

  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("slow-peers").factory());
  private final long startNanos = System.nanoTime();

  /** Since the start, as of the last look; never {@link #NOTHING}. */
  private volatile long nowMs = 1;

  private final long unseenMs;
  private final LookPace kernelLooks;
  private long nextKernelLookMs;

  public ConnectionReaper(Settings settings, Limit.Counts counts, ConnectionMemory memory) {
    this.counts = counts;
    this.memory = memory;
    this.maxConnections = settings.maxConnections();
    int ofOneClient = settings.overload().maxConnectionsPerClient();
    this.ofClients = ofOneClient == 0 ? null : new Shares<>(ofOneClient);
    this.headerTimeoutMs = settings.headerTimeoutMs();
    this.answerTimeoutMs = settings.answerTimeoutMs();
    this.idleTimeoutMs = settings.idleTimeoutMs();
    long shortestMs = Math.min(Math.min(headerTimeoutMs, answerTimeoutMs), idleTimeoutMs);
    long checkMs = Math.clamp(shortestMs / 4, 1, MAX_CHECK_MS);
    long quarterMs = Math.max(1, answerTimeoutMs / 4);
    unseenMs = Math.min(quarterMs, MAX_UNSEEN_MS);
    kernelLooks =
        new LookPace(
            TimeUnit.MILLISECONDS.toNanos(unseenMs),
            TimeUnit.MILLISECONDS.toNanos(Math.min(quarterMs, MAX_KERNEL_PAUSE_MS)));
    clock.scheduleWithFixedDelay(this::look, checkMs, checkMs, TimeUnit.MILLISECONDS);
  }

  /**
   * A connection has been accepted.
   *
   * @param ends asked now and then; null for a connection that is closed
   * @param isOpen asked now and then; a connection that is not is forgotten
   * @param close called on another thread, once, and has to return at once
   * @param reset called instead of {@code close} where the client does not take an answer, so that
   *     the kernel forgets it, too
   * @return null where there are MAX_CONNECTIONS already, or MAX_CONNECTIONS_PER_CLIENT, or no
   *     memory for one more: it is to be closed at once
   */
  public Peer connected(
      Supplier<Connection> ends, BooleanSupplier isOpen, Runnable close, Runnable reset) {
    if (connections.incrementAndGet() > maxConnections) {
      connections.decrementAndGet();
      counts.exceeded(Limit.CONNECTIONS);
      return null;
    }
    Connection bothEnds = ofClients == null ? null : ends.get();
    Long client = bothEnds == null ? null : bothEnds.peerNetwork();
    if (client != null && !ofClients.take(client)) {
      connections.decrementAndGet();
      counts.exceeded(Limit.CONNECTIONS_PER_CLIENT);
      return null;
    }
    if (!memory.connects()) {
      leaves(client);
      counts.exceeded(Limit.MEMORY);
      return null;
    }
    Peer peer = new Peer(client, ends, isOpen, close, reset);
    connected.add(peer);
    return peer;
  }

  private void leaves(Long client) {
    connections.decrementAndGet();
    if (client != null) {
      ofClients.leave(client);
    }
  }

  /**
   * An answer among others on a connection of HTTP/2, each of which has the whole time: one that
   * gets on must not cover for one that does not.
   *
   * @param isUnderWay until the client has taken it; asked now and then
   * @param close as above
   */
  public void answerBegins(BooleanSupplier isUnderWay, Runnable close) {
    answers.add(new Answer(isUnderWay, close, nowMs));
  }

  private void look() {
    nowMs = 1 + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);
    connected.forEach(peer -> unharmed(peer::closeIfSlow));
    answers.forEach(answer -> unharmed(() -> closeIfSlow(answer)));
    if (nowMs >= nextKernelLookMs) {
      kernelLooks.begins();
      unharmed(this::lookIntoKernel);
      nextKernelLookMs = nowMs + TimeUnit.NANOSECONDS.toMillis(kernelLooks.pauseNanos());
    }
  }

  /** Reads the whole table, so only where an answer has not been seen to arrive. */
  private void lookIntoKernel() {
    Map<Connection, Peer> untaken = new HashMap<>();
    BitSet ports = new BitSet();
    for (Peer peer : connected) {
      Connection ends = peer.isSince(peer.untakenSinceMs, unseenMs) ? peer.ends.get() : null;
      if (ends != null) {
        untaken.put(ends, peer);
        ports.set(ends.localPort());
      }
    }
    if (untaken.isEmpty()) {
      return;
    }
    Map<Connection, State> table;
    try {
      table = ConnectionTable.read(ports);
    } catch (IOException e) {
      LOG.warn("answers could not be looked for in the table of connections", e);
      return;
    }
    untaken.forEach((ends, peer) -> unharmed(() -> peer.closeIfUntaken(table.get(ends))));
  }

  /** All the others have to be looked at, too. */
  private static void unharmed(Runnable closeIfSlow) {
    try {
      closeIfSlow.run();
    } catch (RuntimeException e) {
      LOG.error("a slow connection cannot be closed", e);
    }
  }

  private void closeIfSlow(Answer answer) {
    if (!answer.isUnderWay().getAsBoolean()) {
      answers.remove(answer);
    } else if (nowMs - answer.sinceMs() > answerTimeoutMs) {
      answers.remove(answer);
      counts.exceeded(Limit.ANSWER_TIME);
      answer.close().run();
    }
  }

  @Override
  public void close() {
    clock.shutdownNow();
  }

  private record Answer(BooleanSupplier isUnderWay, Runnable close, long sinceMs) {}

  /** One connection. What it says may come from any thread, but from one at a time. */
  public final class Peer {
    /** Null where they are not counted by client. */
    private final Long client;

    private final Supplier<Connection> ends;
    private final BooleanSupplier isOpen;
    private final Runnable close;
    private final Runnable reset;
    private final AtomicLong headSinceMs = new AtomicLong(NOTHING);
    private final AtomicLong answerSinceMs = new AtomicLong(NOTHING);
    private final AtomicLong idleSinceMs = new AtomicLong(nowMs);

    /** Since the last answer that has left began, as long as the client may not have all of it. */
    private final AtomicLong untakenSinceMs = new AtomicLong(NOTHING);

    /** Beyond what every connection holds; {@link #ENDED} when it has ended. */
    private final AtomicLong heldBytes = new AtomicLong();

    private int requests;
    private int answers;

    private Peer(
        Long client,
        Supplier<Connection> ends,
        BooleanSupplier isOpen,
        Runnable close,
        Runnable reset) {
      this.client = client;
      this.ends = ends;
      this.isOpen = isOpen;
      this.close = close;
      this.reset = reset;
    }

    /** A byte of the head of a request is here; only the first one matters. */
    public void headBegins() {
      if (headSinceMs.getPlain() == NOTHING) {
        headSinceMs.setRelease(nowMs);
        idleSinceMs.setRelease(NOTHING);
      }
    }

    /** The head of that request is whole. */
    public void headEnds() {
      requests++;
      headSinceMs.setRelease(NOTHING);
      if (idleSinceMs.getPlain() != NOTHING) { // it came together with the request before
        idleSinceMs.setRelease(NOTHING);
      }
    }

    /** A request has been answered; to be called for each whose head has ended. */
    public void requestEnds() {
      if (--requests == 0 && headSinceMs.getPlain() == NOTHING) {
        idleSinceMs.setRelease(nowMs);
      }
    }

    /**
     * The same for a connection of HTTP/2, where requests overlap. A frame that is whole does not
     * make an idle connection young again, or a PING now and then would keep it for ever.
     *
     * @param midHead whether a head, or any frame but one of a body, has come in part
     * @param asks whether any request waits for the end of its answer
     */
    void overlapping(boolean midHead, boolean asks) {
      note(headSinceMs, midHead);
      if (!asks && idleSinceMs.getPlain() == NOTHING) {
        untakenSinceMs.setRelease(nowMs);
      }
      note(idleSinceMs, !asks);
    }

    private void note(AtomicLong sinceMs, boolean is) {
      if (!is) {
        sinceMs.setRelease(NOTHING);
      } else if (sinceMs.getPlain() == NOTHING) {
        sinceMs.setRelease(nowMs);
      }
    }

    /**
     * So many bytes are held for this connection now: of a head that is not whole, of the heads of
     * its requests in flight, of requests behind these.
     *
     * @return false where there is no memory for more: the connection is to be refused or closed
     */
    public boolean holds(long bytes) {
      long before = heldBytes.get();
      if (before == bytes || before == ENDED) {
        return true;
      }
      if (bytes > before && !memory.holds(bytes - before, bytes)) {
        counts.exceeded(Limit.MEMORY);
        return false;
      }
      if (bytes < before) {
        memory.releases(before - bytes);
      }
      if (!heldBytes.compareAndSet(before, bytes)) { // it has just ended, and given back the rest
        memory.releases(bytes - before);
      }
      return true;
    }

    /** What was said there last. */
    long heldNow() {
      return Math.max(0, heldBytes.get());
    }

    /** An answer has been given to the connection, perhaps behind others that are still there. */
    public void answerBegins() {
      if (answers++ == 0) {
        answerSinceMs.setRelease(nowMs);
      }
    }

    /** The first of them has left; the next has the whole time. */
    public void answerEnds() {
      untakenSinceMs.setRelease(answerSinceMs.getPlain());
      answerSinceMs.setRelease(--answers == 0 ? NOTHING : nowMs);
    }

    /** The connection has ended. Calling it again does nothing. */
    public void disconnected() {
      if (connected.remove(this)) {
        leaves(client);
        memory.disconnects();
        memory.releases(heldBytes.getAndSet(ENDED));
      }
    }

    private void closeIfSlow() {
      if (!isOpen.getAsBoolean()) {
        disconnected();
      } else if (isSince(headSinceMs, headerTimeoutMs)) {
        close(Limit.HEADER_TIME, close);
      } else if (isSince(answerSinceMs, answerTimeoutMs)) {
        close(Limit.ANSWER_TIME, reset);
      } else if (isSince(idleSinceMs, idleTimeoutMs)) {
        close(Limit.IDLE_TIME, close);
      }
    }

    /**
     * @param state null where the table does not show the connection
     */
    private void closeIfUntaken(State state) {
      long since = untakenSinceMs.getAcquire();
      if (state == null || state.unacknowledgedBytes() == 0) {
        untakenSinceMs.compareAndSet(since, NOTHING); // another answer may have left meanwhile
      } else if (isSince(untakenSinceMs, answerTimeoutMs)) {
        close(Limit.ANSWER_TIME, reset);
      }
    }

    private boolean isSince(AtomicLong sinceMs, long timeoutMs) {
      long since = sinceMs.getAcquire();
      return since != NOTHING && nowMs - since > timeoutMs;
    }

    private void close(Limit exceeded, Runnable end) {
      disconnected();
      counts.exceeded(exceeded);
      end.run();
    }
  }
}
