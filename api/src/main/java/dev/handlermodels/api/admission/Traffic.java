package dev.handlermodels.api.admission;

import dev.handlermodels.api.Endpoint;
import dev.handlermodels.api.Limit;
import dev.handlermodels.api.ProblemException;
import dev.handlermodels.api.Problems;
import dev.handlermodels.api.admission.MemoryBudget.Kind;
import dev.handlermodels.api.telemetry.AccessLog;
import dev.handlermodels.api.telemetry.ServerSpan;
import dev.handlermodels.api.telemetry.Tracing;
import dev.handlermodels.api.wire.DisconnectWatch;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * The requests of the main listener from first byte handled to last byte written: admission,
 * counting and timing. Every request begins exactly once and ends exactly once, on whichever thread
 * its answer is finished.
 */
public final class Traffic implements Drainable, AutoCloseable {
  private final int maxInFlight;

  /** Null where it is off, and MAX_IN_FLIGHT the limit. */
  private final AdaptiveLimit adaptiveLimit;

  /** Null where it is off, as the next. */
  private final RateLimit rateLimit;

  private final ClientPlaces clientPlaces;

  private final MemoryBudget memory;
  private final MeterRegistry registry;
  private final Tracing tracing;
  private final boolean accessLog;
  private final boolean antiPatterns;
  private final Map<TimerKey, Timer> timers = new ConcurrentHashMap<>();
  private final AtomicInteger inFlight = new AtomicInteger();
  private final AtomicInteger inFlightPeak = new AtomicInteger();
  private final LongAdder started = new LongAdder();
  private final LongAdder rejected = new LongAdder();
  private final DisconnectWatch hangUps = new DisconnectWatch();
  private final ProblemException full;
  private volatile Late late = new Late(new QueueDelayProbe[0], null);
  private volatile boolean draining;

  /** Whom to ask, and what to say. */
  private record Late(QueueDelayProbe[] any, ProblemException refusal) {}

  /**
   * @param adaptiveLimit null for none, as the two others
   */
  public Traffic(
      int maxInFlight,
      AdaptiveLimit adaptiveLimit,
      RateLimit rateLimit,
      ClientPlaces clientPlaces,
      MemoryBudget memory,
      MeterRegistry registry,
      Tracing tracing,
      boolean accessLog,
      boolean antiPatterns) {
    this.maxInFlight = maxInFlight;
    this.adaptiveLimit = adaptiveLimit;
    this.full =
        Problems.overloaded(
                adaptiveLimit == null
                    ? "there are " + maxInFlight + " requests in flight, which is the limit"
                    : "more requests are in flight than can be answered in time")
            .exceeds(Limit.IN_FLIGHT);
    this.rateLimit = rateLimit;
    this.clientPlaces = clientPlaces;
    this.memory = memory;
    this.registry = registry;
    this.tracing = tracing;
    this.accessLog = accessLog;
    this.antiPatterns = antiPatterns;
    registry.gauge("http.server.requests.in.flight", inFlight);
    Gauge.builder("http.server.requests.limit", this, Traffic::limit)
        .description("requests in flight from which on new ones are refused")
        .register(registry);
    FunctionCounter.builder("http.server.requests.rejected", rejected, LongAdder::doubleValue)
        .description("requests refused with 503: too many in flight, or a pool and its queue full")
        .register(registry);
  }

  private int limit() {
    return adaptiveLimit == null ? maxInFlight : adaptiveLimit.now();
  }

  /** From now on a request is refused while this is late for it. */
  public synchronized void refusesWhenLate(QueueDelayProbe another, int maxQueueMs) {
    QueueDelayProbe[] any = Arrays.copyOf(late.any, late.any.length + 1);
    any[any.length - 1] = another;
    late =
        new Late(
            any,
            Problems.overloaded(
                    "requests wait more than "
                        + maxQueueMs
                        + " ms for their turn, which is the limit")
                .exceeds(Limit.QUEUE_TIME));
  }

  /**
   * A request has arrived. It is counted from here on and has to be ended, whatever becomes of it.
   *
   * @param rawPath as it came, without the query
   * @param fields its header fields, asked for only while tracing and where a body may follow
   */
  public Request begin(String method, String rawPath, ServerSpan.Fields fields) {
    int now = inFlight.incrementAndGet();
    if (now > inFlightPeak.get()) {
      inFlightPeak.accumulateAndGet(now, Math::max);
    }
    started.increment();
    return new Request(method, rawPath, fields, now, tracing.begin(method, rawPath, fields));
  }

  /** From now on the server is not ready, and the last answer on each connection closes it. */
  public void drain() {
    draining = true;
  }

  /**
   * True while shutting down: answers then carry {@code Connection: close}, so that clients go
   * elsewhere.
   */
  public boolean draining() {
    return draining;
  }

  public int inFlight() {
    return inFlight.get();
  }

  @Override
  public String what() {
    return "requests";
  }

  @Override
  public int unfinished() {
    return inFlight();
  }

  public int inFlightPeak() {
    return inFlightPeak.get();
  }

  public long started() {
    return started.sum();
  }

  public long rejected() {
    return rejected.sum();
  }

  @Override
  public void close() {
    hangUps.close();
  }

  private Timer timer(TimerKey key) {
    return Timer.builder("http.server.requests")
        .description("time from the start of a request to the end of its answer")
        .tags("method", key.method, "route", key.route, "status", Integer.toString(key.status))
        .serviceLevelObjectives(
            Duration.ofMillis(1),
            Duration.ofMillis(5),
            Duration.ofMillis(25),
            Duration.ofMillis(100),
            Duration.ofMillis(500),
            Duration.ofMillis(1010),
            Duration.ofMillis(1100),
            Duration.ofMillis(2500),
            Duration.ofSeconds(10),
            Duration.ofSeconds(30))
        .register(registry);
  }

  /** One request. Not for use by two threads at once, but for its {@link Cancellation}. */
  public final class Request {
    private static final String UNMATCHED = "unmatched";
    private static final int SHORT_ANSWER_BYTES = 4096;

    private final String method;
    private final String rawPath;
    private final ServerSpan.Fields fields;
    private final int inFlightAtStart;
    private final ServerSpan span;
    private final long startNanos = System.nanoTime();
    private final Cancellation cancellation;
    private DisconnectWatch.Watched watched;
    private Endpoint endpoint;
    private Map<String, String> headers = Map.of();
    private long bodyBytes;
    private long callBytes;
    private long answerBytes;
    private boolean admitted;

    /** What {@link ClientPlaces} gave; null for nothing. */
    private String place;

    private boolean ended;

    private Request(
        String method,
        String rawPath,
        ServerSpan.Fields fields,
        int inFlightAtStart,
        ServerSpan span) {
      this.method = method;
      this.rawPath = rawPath;
      this.fields = fields;
      this.inFlightAtStart = inFlightAtStart;
      this.span = span;
      this.cancellation = new Cancellation(span);
    }

    /**
     * Lets the request through to its handler.
     *
     * @param client asked for only where clients are limited
     * @throws ProblemException 404 or 405 where there is no such endpoint, 429 where the client or
     *     all together have asked too often, or it has too many in flight, 503 where too many
     *     requests are in flight or wait too long, or there is no memory for another one or for its
     *     body
     * @return null where the request is OPTIONS, which 204 and {@link #headers} answer
     */
    public Endpoint admit(String rawPath, Supplier<ClientAddress> client) {
      boolean asksForMethods = method.equals("OPTIONS");
      try {
        if (!asksForMethods || !rawPath.equals("*")) {
          endpoint =
              antiPatterns ? Endpoint.of(method, rawPath) : Endpoint.ofHarmless(method, rawPath);
          span.route(endpoint.path());
        }
      } finally {
        // Who only guesses paths is limited as well.
        if (rateLimit != null && (endpoint == null || !endpoint.isHealth())) {
          headers = rateLimit.take(client.get());
        }
      }
      if (asksForMethods) {
        headers = new TreeMap<>(headers);
        headers.put("Allow", Endpoint.allowed(rawPath));
        return null;
      }
      if (!endpoint.isHealth()) {
        if (clientPlaces != null) {
          place = clientPlaces.take(client.get());
        }
        refuseOverload();
        if (endpoint.takesBody()) {
          memory.checkRoomForBody(announcedBytes());
        }
        memory.reserveOrRefuse(Kind.REQUEST, memory.costs().requestBytes());
        admitted = true;
      }
      return endpoint;
    }

    /** Made once, both of them: a refusal has to cost next to nothing. */
    private void refuseOverload() {
      if (inFlightAtStart > limit()) {
        throw full;
      }
      for (QueueDelayProbe lateness : late.any) {
        if (lateness.concernsCaller()) {
          throw late.refusal;
        }
      }
    }

    /** The length has been judged already; none where it is not known. */
    private long announcedBytes() {
      List<String> length = fields.all("Content-Length");
      return length == null || length.isEmpty() ? 0 : Long.parseLong(length.getFirst());
    }

    /**
     * A part of the body has come and is kept. It counts until the request has ended.
     *
     * @throws ProblemException 503 where there is no memory for it
     */
    public synchronized void keepsBody(int bytes) {
      if (!ended) {
        bodyBytes += memory.reserveBody(bytes);
      }
    }

    /**
     * The request is going to begin so many calls or tasks. They count until it has ended.
     *
     * @throws ProblemException 503 where there is no memory for them
     */
    public void begins(int calls) {
      long bytes = (long) calls * memory.costs().callBytes();
      memory.reserveOrRefuse(Kind.CALL, bytes);
      callBytes += bytes;
    }

    /**
     * The answer has so many bytes, and its client may take its time. A short one is a part of what
     * a request costs anyway.
     *
     * @throws ProblemException 503 where there is no memory for it
     */
    public void answers(int bytes) {
      if (bytes > SHORT_ANSWER_BYTES) {
        memory.reserveOrRefuse(Kind.ANSWER, bytes);
        answerBytes += bytes;
      }
    }

    private void releaseMemory() {
      if (admitted) {
        memory.release(Kind.REQUEST, memory.costs().requestBytes());
      }
      if (endpoint != null && endpoint.takesBody()) {
        releaseBody();
      }
      release(Kind.CALL, callBytes);
      release(Kind.ANSWER, answerBytes);
    }

    /** Over HTTP/2 another thread may be reading it still. */
    private synchronized void releaseBody() {
      release(Kind.BODY, bodyBytes);
      bodyBytes = 0;
    }

    private void release(Kind kind, long bytes) {
      if (bytes > 0) {
        memory.release(kind, bytes);
      }
    }

    /** The request as a span of its trace; {@link #cancellation} takes it to the upstream calls. */
    public ServerSpan span() {
      return span;
    }

    /**
     * Has the connection watched from now on, for a client that hangs up; for models in which
     * nobody reads a connection while its request is worked on.
     *
     * @param local null, as the other, where the framework has none: a connection closed already
     * @param isReset whether it was only this request that the client is done with, as HTTP/2 has
     *     it
     * @param gone what those who wait shall throw then
     * @return cancelled when the client hangs up
     */
    public Cancellation watched(
        InetSocketAddress local,
        InetSocketAddress peer,
        BooleanSupplier isReset,
        RuntimeException gone) {
      if (watched == null && local != null && peer != null) {
        watched = hangUps.watch(local, peer, isReset, () -> cancellation.cancel(gone));
      }
      return cancellation;
    }

    /** Cancelled when the client hangs up. */
    public Cancellation cancellation() {
      return cancellation;
    }

    /** The client has hung up, which the caller noticed by itself. */
    public void clientGone() {
      cancellation.cancel(new ClientGoneException());
    }

    /** Header fields for the answer, whatever its handler makes of it. */
    public Map<String, String> headers() {
      return headers;
    }

    /** True for an endpoint that does work: the census of threads counts these. */
    public boolean isWork() {
      return endpoint != null && !endpoint.isHealth();
    }

    /**
     * The answer is written, or the client has gone. Calling it again does nothing: some frameworks
     * report both.
     */
    public void end(int status) {
      if (!endsNow()) {
        return;
      }
      long tookNanos = System.nanoTime() - startNanos; // asked once: it is no cheap question
      int counted = counted(status);
      try {
        span.end(counted); // before the count falls: at zero the spans are flushed
        if (accessLog) {
          AccessLog.ended(method, rawPath, endpoint, counted, tookNanos, span);
        }
        if (watched != null) {
          watched.close();
        }
        releaseMemory();
        if (place != null) {
          clientPlaces.leave(place);
        }
      } finally {
        inFlight.decrementAndGet(); // whatever failed: shutdown waits for it
      }
      if (adaptiveLimit != null && admitted && counted == status && isTimed()) {
        adaptiveLimit.answered(
            startNanos, tookNanos, inFlightAtStart, status == 503 || status == 504);
      }
      if (status == 503 && isWork()) {
        rejected.increment();
      }
      // Paths and methods that a client makes up must not become label values without end.
      String route = endpoint == null ? UNMATCHED : endpoint.path();
      String label = endpoint == null ? UNMATCHED : method;
      timers
          .computeIfAbsent(new TimerKey(label, route, counted), Traffic.this::timer)
          .record(tookNanos, TimeUnit.NANOSECONDS);
    }

    /** A stream takes as long as it likes, and a chat only begins here. */
    private boolean isTimed() {
      return endpoint != Endpoint.STREAM && endpoint != Endpoint.CHAT;
    }

    /** Two threads may report the end at once: one that writes, and one that sees a close. */
    private synchronized boolean endsNow() {
      boolean first = !ended;
      ended = true;
      return first;
    }

    /** An answer that nobody was there to read is none, whatever its status. */
    private int counted(int status) {
      return cancellation.isCancelled() ? ClientGoneException.STATUS : status;
    }
  }

  private record TimerKey(String method, String route, int status) {}
}
