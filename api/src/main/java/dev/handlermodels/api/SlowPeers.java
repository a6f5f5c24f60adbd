package dev.handlermodels.api;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes connections whose peer takes too long to send a head or to take an answer, however busily
 * it does so: a byte now and then resets every idle timer. One thread looks at all connections
 * every so often; on its way a request only notes that something has begun or ended, which costs
 * next to nothing.
 */
public final class SlowPeers implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SlowPeers.class);
  private static final int MAX_CHECK_MS = 250;
  private static final long NOTHING = 0;

  private final Limit.Counts counts;
  private final long headerTimeoutMs;
  private final long answerTimeoutMs;
  private final Set<Peer> connected = ConcurrentHashMap.newKeySet();
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("slow-peers").factory());
  private final long startNanos = System.nanoTime();

  /** Since the start, as of the last look; never {@link #NOTHING}. */
  private volatile long nowMs = 1;

  SlowPeers(Settings settings, Limit.Counts counts) {
    this.counts = counts;
    this.headerTimeoutMs = settings.headerTimeoutMs();
    this.answerTimeoutMs = settings.answerTimeoutMs();
    long checkMs = Math.clamp(Math.min(headerTimeoutMs, answerTimeoutMs) / 4, 1, MAX_CHECK_MS);
    clock.scheduleWithFixedDelay(this::look, checkMs, checkMs, TimeUnit.MILLISECONDS);
  }

  /**
   * A connection has been accepted.
   *
   * @param isOpen asked now and then; a connection that is not is forgotten
   * @param close called on another thread, once, and has to return at once
   */
  public Peer connected(BooleanSupplier isOpen, Runnable close) {
    Peer peer = new Peer(isOpen, close);
    connected.add(peer);
    return peer;
  }

  /**
   * An answer among others on a connection of HTTP/2, each of which has the whole time: one that
   * gets on must not cover for one that does not.
   *
   * @param isUnderWay until the client has taken it
   * @param close as above
   */
  public void answerBegins(BooleanSupplier isUnderWay, Runnable close) {
    connected(isUnderWay, close).answerBegins();
  }

  private void look() {
    nowMs = 1 + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);
    for (Peer peer : connected) {
      try {
        peer.closeIfSlow();
      } catch (RuntimeException e) {
        LOG.error("a slow connection cannot be closed", e); // the others have to be looked at
      }
    }
  }

  @Override
  public void close() {
    clock.shutdownNow();
  }

  /** One connection. What it says may come from any thread, but from one at a time. */
  public final class Peer {
    private final BooleanSupplier isOpen;
    private final Runnable close;
    private final AtomicLong headSinceMs = new AtomicLong(NOTHING);
    private final AtomicLong answerSinceMs = new AtomicLong(NOTHING);
    private int answers;

    private Peer(BooleanSupplier isOpen, Runnable close) {
      this.isOpen = isOpen;
      this.close = close;
    }

    /** A byte of the head of a request is here; only the first one matters. */
    public void headBegins() {
      if (headSinceMs.getPlain() == NOTHING) {
        headSinceMs.setRelease(nowMs);
      }
    }

    /** The head of that request is whole. */
    public void headEnds() {
      headSinceMs.setRelease(NOTHING);
    }

    /** An answer has been given to the connection, perhaps behind others that are still there. */
    public void answerBegins() {
      if (answers++ == 0) {
        answerSinceMs.setRelease(nowMs);
      }
    }

    /** The first of them has left; the next has the whole time. */
    public void answerEnds() {
      answerSinceMs.setRelease(--answers == 0 ? NOTHING : nowMs);
    }

    private void closeIfSlow() {
      if (!isOpen.getAsBoolean()) {
        connected.remove(this);
      } else if (isSince(headSinceMs, headerTimeoutMs)) {
        close(Limit.HEADER_TIME);
      } else if (isSince(answerSinceMs, answerTimeoutMs)) {
        close(Limit.ANSWER_TIME);
      }
    }

    private boolean isSince(AtomicLong sinceMs, long timeoutMs) {
      long since = sinceMs.getAcquire();
      return since != NOTHING && nowMs - since > timeoutMs;
    }

    private void close(Limit exceeded) {
      connected.remove(this);
      counts.exceeded(exceeded);
      close.run();
    }
  }
}
