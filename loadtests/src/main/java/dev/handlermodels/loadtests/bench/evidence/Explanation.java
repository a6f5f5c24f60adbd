package dev.handlermodels.loadtests.bench.evidence;

import dev.handlermodels.loadtests.bench.row.Row;
import dev.handlermodels.loadtests.bench.row.WindowStats;
import dev.handlermodels.loadtests.bench.stats.Numbers;

/** Explains the figures of a row; for the three original rows, also why FastAPI's differ. */
final class Explanation {
  /** The published figures have no proof of their causes. */
  private static final String IN_THE_SAME_RUN =
      " ./bench --with-fastapi measures what building the client costs.";

  private Explanation() {}

  static String of(Row row, Evidence evidence) {
    if (evidence.settings().target() != null) {
      return "Measured from outside, on a server that was there already.";
    }
    return model(row, evidence) + (asThere(evidence) ? original(row, evidence) : "");
  }

  /**
   * The published figures were measured under this load, so they explain nothing under another one.
   */
  private static boolean asThere(Evidence evidence) {
    return evidence.settings().users() == 500 && evidence.settings().waitMs() == 1000;
  }

  private static String model(Row row, Evidence evidence) {
    String ceiling = evidence.ceiling().arithmetic(evidence.settings().waitMs());
    int atOnce = evidence.ceiling().atOnce();
    return switch (row) {
      case VERTX_IO ->
          "The event loop starts each call and goes on. No thread waits, so all users wait at the"
              + " same time: "
              + ceiling
              + ".";
      case NIMA_IO, NIMA_IO_BLOCKING ->
          "Each request blocks its own virtual thread. A waiting virtual thread occupies no"
              + " processor and no carrier: "
              + ceiling
              + (row == Row.NIMA_IO
                  ? "."
                  : ". So a blocking call is the right way on virtual threads.");
      case VERTX_IO_BLOCKING ->
          "The blocking call runs on the event loop. Meanwhile the loop does nothing else; it does"
              + " not even accept or read: "
              + ceiling
              + ". All others stand in a queue. Once the queue is longer than their time-out of "
              + Numbers.whole(evidence.settings().requestTimeoutMs())
              + " ms, the loop makes even that one call for a client that has given up, and nobody"
              + " gets an answer. Threads help only where the call is handed to them, as in"
              + " /io/offloaded. Each further event loop adds as little as this one; there is one,"
              + " as in the original.";
      case VERTX_IO_OFFLOADED ->
          "The event loop stays free, but each call occupies one of "
              + atOnce
              + " workers for its whole wait: "
              + ceiling
              + ". The freeze is repaired, but the row is not fast. More workers raise it, up to"
              + " one for each user.";
      case NIMA_IO_PINNED ->
          "The blocking call has native code beneath it, so a virtual thread that waits there keeps"
              + " its carrier: "
              + ceiling
              + ". All other requests wait for a carrier, health checks too."
              + pinnedOutcome(evidence)
              + " Repairs: /io/offloaded, -Djdk.pollerMode=1, or more carriers"
              + " (-Djdk.virtualThreadScheduler.parallelism); docs/choosing.md has their figures.";
      case FASTAPI_SYNC ->
          "FastAPI runs a sync endpoint on one of AnyIO's 40 threads, which share one interpreter"
              + " lock: "
              + ceiling
              + ".";
      case FASTAPI_ASYNC ->
          "The coroutine gives the loop back while it waits, and the client is built once: "
              + ceiling
              + ". The rest is the time that one worker on one core takes for two HTTP messages in"
              + " Python.";
      case FASTAPI_REBUILT ->
          "The same coroutine, but each request builds a client and its TLS context, as the"
              + " original does. That keeps the only loop busy: "
              + ceiling
              + " could wait. The difference to the row before is the price of the client.";
      case FASTAPI_ASYNC_SYNC ->
          "The sync call runs on the event loop. Meanwhile the loop does nothing else: "
              + ceiling
              + ". This is the same mistake as on vertx, with the same outcome.";
      case BLOCKING_IO, BLOCKING_IO_BLOCKING ->
          "Each request occupies one of "
              + atOnce
              + " threads for its whole wait, and all others queue: "
              + ceiling
              + ". More threads raise it in proportion, up to one for each user.";
    };
  }

  /** What was seen: with the JDK's default poller this row may give no answer at all. */
  private static String pinnedOutcome(Evidence evidence) {
    Double ceiling = evidence.ceiling().perSecond();
    return ceiling == null || evidence.successesPerSecond() >= ceiling / 2
        ? ""
        : " It stays below even that: the JDK's default poller, which would notice the upstream's"
            + " answers, is a virtual thread itself and gets no carrier. So a call ends"
            + " when its client gives up, or at UPSTREAM_TIMEOUT_MS.";
  }

  private static String original(Row row, Evidence evidence) {
    String measured = Numbers.text(evidence.successesPerSecond(), 1);
    return switch (row) {
      case BLOCKING_IO ->
          " FastAPI's published 35.6 requests/s have the same shape: a pool of 40 (AnyIO's default)"
              + " with a ceiling of 40/s. Its sources build an HTTP client with its TLS context for"
              + " each request; most likely that took the rest. Its figures also count the ramp of"
              + " 10 s. Here one client keeps its connections, and the window starts after the"
              + " warm-up: "
              + measured
              + ". Its median of 1,300 ms × 35.6/s makes about 46 requests in flight. So about 450"
              + " of its 500 users were starved while the table said 0 failures. Here every queued"
              + " request counts, hence the median of "
              + median(evidence)
              + " ms."
              + IN_THE_SAME_RUN;
      case VERTX_IO ->
          " FastAPI's published 53.2 requests/s had the same ceiling of 500/s. Its sources build an"
              + " HTTP client with its TLS context for each request, on one core. Most likely that"
              + " is what was measured, and not the event loop. Here one client is built once and"
              + " keeps its connections: "
              + measured
              + "."
              + IN_THE_SAME_RUN;
      case VERTX_IO_BLOCKING ->
          " FastAPI's published 13.1 requests/s are nearly all failures: 785 requests less 732"
              + " failures make 53 answers in 60 s, 0.9/s, of a ceiling of 1/s. Most likely its"
              + " failures came from gunicorn, which kills a silent worker after 30 s and so cuts"
              + " every connection at once. Here nothing kills the server. The clients give up"
              + " after "
              + Numbers.whole(evidence.settings().requestTimeoutMs())
              + " ms and pause for 1 s: "
              + measured
              + " answers/s and "
              + Numbers.text(evidence.window().perSecond(evidence.window().failures()), 1)
              + " failures/s. The time-out determines the failure rate.";
      default -> "";
    };
  }

  private static String median(Evidence evidence) {
    WindowStats.Latency latency = evidence.window().latencyMs();
    return Numbers.whole(latency == null ? null : latency.p50());
  }
}
