package dev.handlermodels.loadtests;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Records every arrival of an open load: when its user started and when its request ended.
 * Gatling's log lacks the requests that never ended, and with them the place of each in the order
 * of arrival, from which its intended start follows. Called from Gatling's threads.
 */
final class ArrivalRecorder {
  static final String HEADER = "arrival,startedAtMs,endedAtMs,outcome";

  private static final long UNFINISHED = 0;

  /** Failures are kept as negative times. */
  private static final int FAILED = -1;

  private static final long NOT_SENT = Long.MAX_VALUE;

  private final int inFlightMax;
  private final AtomicInteger inFlight = new AtomicInteger();
  private final AtomicInteger arrivals = new AtomicInteger();
  private final AtomicLongArray startedAtMs;
  private final AtomicLongArray endedAtMs;

  /**
   * @param capacity arrivals at most
   * @param inFlightMax an arrival beyond it sends nothing; nothing else bounds an open load on a
   *     blocked server
   */
  ArrivalRecorder(int capacity, int inFlightMax) {
    this.inFlightMax = inFlightMax;
    startedAtMs = new AtomicLongArray(capacity);
    endedAtMs = new AtomicLongArray(capacity);
  }

  /** An arrival may send its request; where not, it is kept as not sent. */
  boolean admit(int arrival, long nowMs) {
    startedAtMs.set(arrival, nowMs);
    arrivals.accumulateAndGet(arrival + 1, Math::max);
    if (inFlight.incrementAndGet() > inFlightMax) {
      inFlight.decrementAndGet();
      endedAtMs.set(arrival, NOT_SENT);
      return false;
    }
    return true;
  }

  void ended(int arrival, long nowMs, boolean success) {
    inFlight.decrementAndGet();
    endedAtMs.set(arrival, success ? nowMs : FAILED * nowMs);
  }

  /** One line for each arrival, in order; an end of 0 is none. */
  void write(Path file) throws IOException {
    try (PrintWriter out = new PrintWriter(Files.newBufferedWriter(file))) {
      out.println(HEADER);
      for (int arrival = 0; arrival < arrivals.get(); arrival++) {
        out.println(line(arrival, startedAtMs.get(arrival), endedAtMs.get(arrival)));
      }
    }
  }

  private static String line(int arrival, long started, long ended) {
    String outcome =
        ended == NOT_SENT
            ? "not-sent"
            : ended == UNFINISHED ? "unfinished" : ended < 0 ? "failed" : "ok";
    long end = ended == NOT_SENT ? 0 : Math.abs(ended);
    return arrival + "," + started + "," + end + "," + outcome;
  }
}
