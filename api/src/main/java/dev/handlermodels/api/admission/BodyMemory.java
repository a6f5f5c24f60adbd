package dev.handlermodels.api.admission;

import dev.handlermodels.api.Limits;
import dev.handlermodels.api.ProblemException;
import dev.handlermodels.api.Problems;
import dev.handlermodels.api.telemetry.ServerSpan;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What the bodies of all requests in flight may take of the heap together. Small ones are part of
 * what MAX_IN_FLIGHT sets aside for each request; a larger one counts from its head on, with the
 * length that was announced, or the largest there is where none was.
 */
public final class BodyMemory {
  private final long maxBytes;
  private final AtomicLong bytes = new AtomicLong();
  private final ProblemException full;

  public BodyMemory(long maxBytes, MeterRegistry registry) {
    this.maxBytes = maxBytes;
    this.full = Problems.tooManyBodies(maxBytes);
    registry.gauge("http.server.requests.body.bytes", bytes);
  }

  /**
   * Sets memory aside for the body that this head announces.
   *
   * @param http2 whether a body may follow that the head does not announce at all
   * @return how many bytes, to be given back by {@link #release}
   * @throws ProblemException 503 where there is no room
   */
  int reserve(ServerSpan.Fields head, boolean http2) {
    int announced = announced(head, http2);
    if (announced <= Limits.HEAP_BYTES_PER_REQUEST) {
      return 0;
    }
    if (bytes.addAndGet(announced) > maxBytes) {
      bytes.addAndGet(-announced);
      throw full;
    }
    return announced;
  }

  void release(int reserved) {
    if (reserved > 0) {
      bytes.addAndGet(-reserved);
    }
  }

  /** The length has been judged already. */
  private static int announced(ServerSpan.Fields head, boolean http2) {
    List<String> length = head.all("Content-Length");
    if (length != null && !length.isEmpty()) {
      return (int) Math.min(Long.parseLong(length.getFirst()), Limits.BODY_BYTES);
    }
    List<String> codings = head.all("Transfer-Encoding");
    return http2 || codings != null && !codings.isEmpty() ? Limits.BODY_BYTES : 0;
  }
}
