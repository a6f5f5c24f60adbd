package dev.handlermodels.api.database;

import dev.handlermodels.api.settings.DatabaseSettings;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The line of callers before a pool of connections: as many may pass as the pool has connections,
 * so many may wait, first come first served, and one more is refused. The pool behind it never has
 * a line of its own, which under many virtual threads costs more than this one.
 *
 * <p>The ceiling of all endpoints behind it is connections / time that each is held. {@code
 * DatabaseTest} exceeds the line.
 */
public final class ConnectionGate {
  private final int queueSize;

  /** Guards all that follows, and the state of each place. */
  private final ReentrantLock lock = new ReentrantLock();

  private final Deque<Place> waiting = new ArrayDeque<>();
  private int free;

  /**
   * @param passing how many callers may have a connection at once
   * @param queueSize how many may wait beside
   */
  public ConnectionGate(int passing, int queueSize) {
    this.free = passing;
    this.queueSize = queueSize;
  }

  /** The gate that the settings ask for; without DATABASE_GATE it only counts callers. */
  public static ConnectionGate of(DatabaseSettings settings) {
    return settings.gate()
        ? new ConnectionGate(settings.poolSize(), settings.queueSize())
        : new ConnectionGate(settings.poolSize() + settings.queueSize(), 0);
  }

  /**
   * Takes a place in the line.
   *
   * @return to be closed, whatever becomes of the call
   * @throws DatabaseException where the line is full
   */
  public Place enter() {
    lock.lock();
    try {
      Place place = new Place();
      if (free > 0) {
        free--;
        place.passed = true;
        place.turn.complete(null);
      } else if (waiting.size() < queueSize) {
        waiting.addLast(place);
      } else {
        throw new DatabaseException(
            DatabaseException.Kind.FULL,
            "all connections to the database are in use, and the line of callers is full");
      }
      return place;
    } finally {
      lock.unlock();
    }
  }

  /** How many callers wait now. */
  public int waiting() {
    lock.lock();
    try {
      return waiting.size();
    } finally {
      lock.unlock();
    }
  }

  /** One caller, from when it comes to when it goes. */
  public final class Place implements AutoCloseable {
    private final CompletableFuture<Void> turn = new CompletableFuture<>();
    private boolean passed;

    /** Complete when a connection is free for this caller; failed where it gave up. */
    public CompletableFuture<Void> turn() {
      return turn;
    }

    /** Leaves the line, if this caller is still in it: its turn fails with this reason. */
    public void giveUp(RuntimeException why) {
      lock.lock();
      boolean left;
      try {
        left = waiting.remove(this);
      } finally {
        lock.unlock();
      }
      if (left) {
        turn.completeExceptionally(why);
      }
    }

    /** The connection is free for the next. Calling it again does nothing. */
    @Override
    public void close() {
      Place next = null;
      lock.lock();
      try {
        if (passed) {
          passed = false;
          next = waiting.pollFirst();
          if (next == null) {
            free++;
          } else {
            next.passed = true;
          }
        } else {
          waiting.remove(this);
        }
      } finally {
        lock.unlock();
      }
      if (next != null) {
        next.turn.complete(null);
      }
    }
  }
}
