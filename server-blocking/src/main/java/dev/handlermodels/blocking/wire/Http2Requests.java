package dev.handlermodels.blocking.wire;

import io.undertow.server.HttpServerExchange;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.xnio.XnioIoThread;

/**
 * The requests of one connection over HTTP/2. When the connection ends, Undertow forgets those that
 * wait for a body, and may forget one whose answer begins to wait for its client at that very
 * moment; so they are ended here.
 */
final class Http2Requests {
  /** A thread of the pool that has begun an answer leaves it to the I/O thread well before. */
  private static final int GRACE_MS = 1000;

  private final XnioIoThread thread;
  private final AtomicInteger inFlight = new AtomicInteger();
  private final Set<HttpServerExchange> awaitedBodies = ConcurrentHashMap.newKeySet();
  private final Set<HttpServerExchange> awaitedEnds = ConcurrentHashMap.newKeySet();
  private volatile boolean over;

  Http2Requests(XnioIoThread thread) {
    this.thread = thread;
  }

  int inFlight() {
    return inFlight.get();
  }

  void begins() {
    inFlight.incrementAndGet();
  }

  /** Somebody waits for the body of this request. */
  void bodyBegins(HttpServerExchange request) {
    awaitedBodies.add(request);
    if (over) {
      endAwaited();
    }
  }

  void bodyEnds(HttpServerExchange request) {
    awaitedBodies.remove(request);
  }

  /** Its answer is handed to Undertow, or there will be none. */
  void awaitsEnd(HttpServerExchange request) {
    awaitedEnds.add(request);
    if (over) {
      endOverSoon();
    }
  }

  /**
   * @return how many are left
   */
  int ends(HttpServerExchange request) {
    awaitedBodies.remove(request);
    awaitedEnds.remove(request);
    return inFlight.decrementAndGet();
  }

  /** The connection has ended. */
  void connectionEnds() {
    over = true;
    endAwaited();
    endOverSoon();
  }

  private void endAwaited() {
    end(awaitedBodies, 0);
  }

  private void endOverSoon() {
    end(awaitedEnds, GRACE_MS);
  }

  private void end(Set<HttpServerExchange> requests, int afterMs) {
    if (requests.isEmpty()) {
      return;
    }
    try {
      thread.executeAfter(
          () -> requests.forEach(HttpServerExchange::endExchange), afterMs, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException _) {
      // The server is closed.
    }
  }
}
