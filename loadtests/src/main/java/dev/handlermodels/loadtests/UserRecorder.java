package dev.handlermodels.loadtests;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;

/**
 * Records what Gatling's log lacks: which users were never served, and which requests were still
 * unanswered at the end. One instance per run, called from Gatling's threads.
 */
final class UserRecorder {
  private static final long IDLE = 0;

  private final AtomicInteger joined = new AtomicInteger();
  private final AtomicLong startedAtMs = new AtomicLong();
  private final AtomicLongArray sentAtMs;
  private final AtomicIntegerArray successes;
  private final LongAdder ok = new LongAdder();
  private final LongAdder failed = new LongAdder();

  UserRecorder(int users) {
    sentAtMs = new AtomicLongArray(users);
    successes = new AtomicIntegerArray(users);
  }

  /** A user arrives; the answer is its number. */
  int join(long nowMs) {
    startedAtMs.compareAndSet(0, nowMs);
    return joined.getAndIncrement();
  }

  void sent(int user, long nowMs) {
    sentAtMs.set(user, nowMs);
  }

  long startedAtMs() {
    return startedAtMs.get();
  }

  /** When this user sent the request that is under way. */
  long sentAtMs(int user) {
    return sentAtMs.get(user);
  }

  void ended(int user, boolean success) {
    sentAtMs.set(user, IDLE);
    if (success) {
      successes.incrementAndGet(user);
      ok.increment();
    } else {
      failed.increment();
    }
  }

  UserStats stats(long nowMs, boolean finished) {
    int users = joined.get();
    int served = 0;
    int unfinished = 0;
    long oldestMs = 0;
    for (int user = 0; user < users; user++) {
      served += successes.get(user) > 0 ? 1 : 0;
      long sent = sentAtMs.get(user);
      if (sent != IDLE) {
        unfinished++;
        oldestMs = Math.max(oldestMs, nowMs - sent);
      }
    }
    return new UserStats(
        startedAtMs.get(),
        nowMs,
        finished,
        ok.sum(),
        failed.sum(),
        users,
        served,
        unfinished,
        oldestMs);
  }
}
