package dev.handlermodels.api.telemetry;

import dev.handlermodels.api.ThreadKind;
import java.lang.ref.WeakReference;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts the threads that handler code runs on: distinct ones ever, those still alive, and those
 * inside a handler now. Both columns "threads" of the table come from here, for no operating system
 * can tell a virtual thread from none.
 */
public final class ThreadCensus {
  /**
   * Dead threads are struck off whenever the list has grown by this much: virtual threads come and
   * go with connections.
   */
  private static final int PRUNE_STEP = 4096;

  private final Set<Thread> eventLoops = ConcurrentHashMap.newKeySet();

  /** By their numbers. A dead thread would hold all that it had on its stack: 19 KiB on nima. */
  private final Map<Long, WeakReference<Thread>> seen = new ConcurrentHashMap<>();

  private final AtomicLong distinct = new AtomicLong();
  private final AtomicLong distinctVirtual = new AtomicLong();
  private final AtomicLong nextPruneAt = new AtomicLong(PRUNE_STEP);
  private final AtomicInteger busy = new AtomicInteger();
  private final AtomicInteger busyPeak = new AtomicInteger();

  /**
   * The number of the thread that entered last. An event loop enters for every request and need not
   * be looked up each time.
   */
  private final AtomicLong lastSeen = new AtomicLong();

  /** The same for all: it has nothing to remember. */
  private final Inside leave = busy::decrementAndGet;

  /** Handler code starts on this thread; it ends when what is returned is closed. */
  public Inside enter() {
    Thread thread = Thread.currentThread();
    if (thread.threadId() != lastSeen.getOpaque()) {
      lastSeen.setOpaque(thread.threadId());
      see(thread);
    }
    int now = busy.incrementAndGet();
    if (now > busyPeak.get()) {
      busyPeak.accumulateAndGet(now, Math::max);
    }
    return leave;
  }

  private void see(Thread thread) {
    Long number = thread.threadId();
    if (!seen.containsKey(number)
        && seen.putIfAbsent(number, new WeakReference<>(thread)) == null) {
      distinct.incrementAndGet();
      if (thread.isVirtual()) {
        distinctVirtual.incrementAndGet();
      }
      pruneIfLarge();
    }
  }

  /** The same task, counted as handler code while it runs. */
  public <T> Callable<T> around(Callable<T> task) {
    return () -> {
      try (var _ = enter()) {
        return task.call();
      }
    };
  }

  /**
   * The calling thread is an event loop; said by the loop itself, so that a result's "event-loop"
   * is a fact.
   */
  public void thisIsAnEventLoop() {
    eventLoops.add(Thread.currentThread());
  }

  public ThreadKind kindOf(Thread thread) {
    if (thread.isVirtual()) {
      return ThreadKind.VIRTUAL;
    }
    return eventLoops.contains(thread) ? ThreadKind.EVENT_LOOP : ThreadKind.PLATFORM;
  }

  private void pruneIfLarge() {
    long limit = nextPruneAt.get();
    if (seen.size() > limit && nextPruneAt.compareAndSet(limit, Long.MAX_VALUE)) {
      seen.values().removeIf(thread -> !isAlive(thread.get()));
      nextPruneAt.set(seen.size() + PRUNE_STEP);
    }
  }

  public Counts counts() {
    int live = 0;
    int liveVirtual = 0;
    for (WeakReference<Thread> reference : seen.values()) {
      Thread thread = reference.get();
      if (isAlive(thread)) {
        live++;
        liveVirtual += thread.isVirtual() ? 1 : 0;
      }
    }
    return new Counts(
        distinct.get(), live, busy.get(), busyPeak.get(), distinctVirtual.get(), liveVirtual);
  }

  private static boolean isAlive(Thread thread) {
    return thread != null && thread.isAlive();
  }

  /** The stretch between entering and leaving handler code. */
  @FunctionalInterface
  public interface Inside extends AutoCloseable {
    @Override
    void close();
  }

  public record Counts(
      long distinct, int live, int busy, int busyPeak, long distinctVirtual, int liveVirtual) {}
}
