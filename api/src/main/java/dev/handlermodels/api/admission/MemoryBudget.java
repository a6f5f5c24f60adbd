package dev.handlermodels.api.admission;

import dev.handlermodels.api.ProblemException;
import dev.handlermodels.api.Problems;
import dev.handlermodels.api.wire.ConnectionMemory;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * The memory that clients may make this process hold, all of them together. Whoever keeps something
 * for a client reserves its bytes here first and releases them later; where there is no room the
 * client is refused, and the heap is never full.
 *
 * <p>{@code GET /settings} tells the arithmetic.
 */
public final class MemoryBudget implements ConnectionMemory {
  /** A body is held as it comes, and once more as the array that its handler gets. */
  private static final int COPIES_OF_BODY = 2;

  /** What is held for. */
  public enum Kind {
    CONNECTION,
    /** Parts of heads, heads of requests in flight, and requests that wait behind them. */
    HEAD,
    REQUEST,
    BODY,
    ANSWER,
    /** Calls and tasks of which one request begins many. */
    CALL,
    /** Members of chat rooms, beyond their connections, and what they are told. */
    CHAT
  }

  /**
   * A head that is no longer counts as a request does. So short are common heads, and those of all
   * the connections for which there is room are less than the last eighth.
   */
  private static final int SHORT_HEAD_BYTES = 512;

  private final long maxBytes;
  private final long maxConnectionsBytes;

  /** What everything may have together but requests, who may have the last eighth, too. */
  private final long maxHeldBesideBytes;

  private final long maxBodiesBytes;
  private final MemoryCosts costs;
  private final AtomicLong held = new AtomicLong();
  private final AtomicLongArray heldByKind = new AtomicLongArray(Kind.values().length);
  private final ProblemException full;
  private final ProblemException tooManyBodies;

  /**
   * @param maxBytes CLIENT_MEMORY_BYTES
   * @param maxBodiesBytes what bodies may have together
   */
  public MemoryBudget(
      long maxBytes, long maxBodiesBytes, MemoryCosts costs, MeterRegistry registry) {
    this.maxBytes = maxBytes;
    this.maxConnectionsBytes = maxBytes / 4 * 3; // those who are connected want to ask, too
    this.maxHeldBesideBytes = maxBytes / 8 * 7; // so that who only holds keeps nobody from asking
    this.maxBodiesBytes = maxBodiesBytes;
    this.costs = costs;
    this.full = Problems.noMemory();
    this.tooManyBodies = Problems.tooManyBodies(maxBodiesBytes);
    for (Kind kind : Kind.values()) {
      Gauge.builder("http.server.memory.bytes", () -> heldBytes(kind))
          .description("memory reserved for clients")
          .tag("kind", kind.name().toLowerCase(Locale.ROOT))
          .register(registry);
    }
    Gauge.builder("http.server.memory.max.bytes", () -> maxBytes)
        .description("memory that may be reserved for clients")
        .register(registry);
    registry.gauge("http.server.requests.body.bytes", this, MemoryBudget::bodiesBytes);
  }

  /** What may be held at once. */
  public long maxBytes() {
    return maxBytes;
  }

  /** What one client was measured to cost. */
  public MemoryCosts costs() {
    return costs;
  }

  /** Connections for which there is room while there is nothing else. */
  public long maxConnections() {
    return maxConnectionsBytes / costs.connectionBytes();
  }

  long heldBytes(Kind kind) {
    return heldByKind.get(kind.ordinal());
  }

  private double bodiesBytes() {
    return heldBytes(Kind.BODY) / (double) COPIES_OF_BODY;
  }

  /**
   * @return false where there is no room; then nothing has been taken
   */
  public boolean reserve(Kind kind, long bytes) {
    return reserve(kind, bytes, maxBytes, kind == Kind.REQUEST);
  }

  /**
   * @param isRequest or what every request needs: it may have the last eighth
   */
  private boolean reserve(Kind kind, long bytes, long maxOfKind, boolean isRequest) {
    if (heldByKind.addAndGet(kind.ordinal(), bytes) > maxOfKind) {
      heldByKind.addAndGet(kind.ordinal(), -bytes);
      return false;
    }
    if (held.addAndGet(bytes) > (isRequest ? maxBytes : maxHeldBesideBytes)) {
      release(kind, bytes);
      return false;
    }
    return true;
  }

  /** Gives back what was reserved. */
  public void release(Kind kind, long bytes) {
    heldByKind.addAndGet(kind.ordinal(), -bytes);
    held.addAndGet(-bytes);
  }

  /**
   * Reserves what one request in flight holds.
   *
   * @throws ProblemException 503 where there is no room
   */
  void reserveOrRefuse(Kind kind, long bytes) {
    if (!reserve(kind, bytes)) {
      throw full;
    }
  }

  /**
   * Reserves memory for a part of a body that has come.
   *
   * @return what is to be released
   * @throws ProblemException 503 where there is no room; the connection is to be closed
   */
  long reserveBody(int bytes) {
    long counted = (long) COPIES_OF_BODY * bytes;
    if (!reserve(Kind.BODY, counted, COPIES_OF_BODY * maxBodiesBytes, false)) {
      throw tooManyBodies;
    }
    return counted;
  }

  /**
   * Refuses a body of this length before it is read, where there is no room for it now.
   *
   * @throws ProblemException 503, as above
   */
  void checkRoomForBody(long announcedBytes) {
    long counted = COPIES_OF_BODY * announcedBytes;
    if (heldBytes(Kind.BODY) + counted > COPIES_OF_BODY * maxBodiesBytes
        || held.get() + counted > maxHeldBesideBytes) {
      throw tooManyBodies;
    }
  }

  @Override
  public boolean connects() {
    return reserve(Kind.CONNECTION, costs.connectionBytes(), maxConnectionsBytes, false);
  }

  @Override
  public void disconnects() {
    release(Kind.CONNECTION, costs.connectionBytes());
  }

  @Override
  public boolean holds(long bytes, long total) {
    return reserve(Kind.HEAD, bytes, maxBytes, total <= SHORT_HEAD_BYTES);
  }

  @Override
  public void releases(long bytes) {
    release(Kind.HEAD, bytes);
  }
}
