package dev.handlermodels.api;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/**
 * A limit that clients can exceed: by what they send or read, by how long they take, or by how many
 * they are. Each time is counted. docs/security.md says how much each allows.
 */
public enum Limit {
  /** The connection is closed. */
  CONNECTIONS,
  /** The same: MAX_CONNECTIONS_PER_CLIENT. */
  CONNECTIONS_PER_CLIENT,
  /** The connection is closed, which is normal: nobody is cut off. */
  IDLE_TIME,
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
  /** 400. */
  CHUNK_LINE_BYTES,
  /** The connection is closed. */
  ANSWER_TIME,
  /** The stream is cut. */
  STREAM_WRITE_TIME,
  /** 503: MAX_IN_FLIGHT, or what ADAPTIVE_LIMIT makes of it. */
  IN_FLIGHT,
  /** 429: MAX_IN_FLIGHT_PER_CLIENT. */
  IN_FLIGHT_PER_CLIENT,
  /** 503: MAX_BODIES_BYTES. */
  BODIES_BYTES,
  /** 503, or the connection is closed: CLIENT_MEMORY_BYTES. */
  MEMORY,
  /** 503: QUEUE_SIZE. */
  QUEUE,
  /** 503: MAX_QUEUE_MS. */
  QUEUE_TIME,
  /** 503: UPSTREAM_MAX_CONNECTIONS are busy, and QUEUE_SIZE calls wait for one. */
  UPSTREAM_CONNECTIONS,
  /** 503: all of DATABASE_POOL_SIZE are in use, and DATABASE_QUEUE_SIZE callers wait for one. */
  DATABASE_QUEUE,
  /** 503: DATABASE_ACQUIRE_TIMEOUT_MS. */
  DATABASE_ACQUIRE_TIME,
  /** 504: DATABASE_STATEMENT_TIMEOUT_MS. */
  DATABASE_STATEMENT_TIME,
  /** 503: TASK_QUEUE_SIZE. */
  TASK_QUEUE,
  /** 503: TASK_QUEUE_BYTES. */
  TASK_QUEUE_BYTES,
  /** 503: CHAT_MAX_ROOMS. */
  CHAT_ROOMS,
  /** 503: CHAT_MAX_MEMBERS. */
  CHAT_MEMBERS,
  /** The WebSocket is closed with 1009. */
  CHAT_MESSAGE_BYTES,
  /** 1008, as for the next. */
  CHAT_FRAGMENTS,
  /** Of a message, from its first byte to its last. */
  CHAT_MESSAGE_TIME,
  /** 1008. */
  CHAT_CONTROL_FRAMES,
  /** 1008: CHAT_MESSAGES_PER_SECOND. */
  CHAT_RATE,
  /** 1013: CHAT_QUEUE_SIZE messages wait for a slow reader. */
  CHAT_QUEUE,
  /** 1008: CHAT_PONG_TIMEOUT_MS. */
  CHAT_PONG_TIME,
  /** 1000: CHAT_IDLE_TIMEOUT_MS. */
  CHAT_IDLE_TIME,
  /** 429: RATE_LIMIT and RATE_LIMIT_PER_CLIENT. */
  RATE,
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

    public Counts(MeterRegistry registry) {
      for (Limit limit : values()) {
        LongAdder count = new LongAdder();
        exceeded.put(limit, count);
        FunctionCounter.builder("http.server.limits.exceeded", count, LongAdder::doubleValue)
            .description("requests refused and connections closed, by the limit exceeded")
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

    public void exceeded(Limit limit) {
      exceeded.get(limit).increment();
    }
  }
}
