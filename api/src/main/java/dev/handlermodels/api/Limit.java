package dev.handlermodels.api;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/**
 * A limit that a peer can exceed by what it sends or reads, or by how long it takes. Each is
 * counted; what is refused for want of room is counted as rejected instead, see {@link Traffic}.
 */
public enum Limit {
  /** 414. */
  REQUEST_LINE_BYTES,
  /** 431. */
  HEADER_BYTES,
  /** 431. */
  HEADER_FIELDS,
  /** The connection is closed. */
  HEADER_TIME,
  /** 413. */
  BODY_BYTES,
  /** 408. */
  BODY_TIME,
  /** The connection is closed. */
  ANSWER_TIME,
  /** The stream is cut. */
  STREAM_WRITE_TIME,
  /** The HTTP/2 connection ends with GOAWAY, as for the next two. */
  HTTP2_STREAMS,
  /** Streams reset by the client, or by the server since the client makes it. */
  HTTP2_RESETS,
  /** Frames that bring no request any further. */
  HTTP2_CONTROL_FRAMES;

  /** As metrics name it. */
  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** How often each was exceeded. */
  public static final class Counts {
    private final Map<Limit, LongAdder> exceeded = new EnumMap<>(Limit.class);

    Counts(MeterRegistry registry) {
      for (Limit limit : values()) {
        LongAdder count = new LongAdder();
        exceeded.put(limit, count);
        FunctionCounter.builder("http.server.limits.exceeded", count, LongAdder::doubleValue)
            .description("requests refused, answered with 408, or cut off, by the limit exceeded")
            .tag("limit", limit.label())
            .register(registry);
      }
    }

    /** Counts the limit that a refusal is about, where it is about one. */
    public void refused(ProblemException refusal) {
      if (refusal.limit() != null) {
        exceeded(refusal.limit());
      }
    }

    void exceeded(Limit limit) {
      exceeded.get(limit).increment();
    }
  }
}
