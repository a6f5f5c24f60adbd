package dev.handlermodels.api.settings;

import dev.handlermodels.api.Json;
import dev.handlermodels.api.Limits;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;

/**
 * The configuration of a server, from environment variables named as in {@link #HELP}. The same
 * record for all three, so that only the handler model differs.
 */
public record Settings(
    String host,
    int port,
    String managementHost,
    int managementPort,
    Optional<URI> upstreamUrl,
    int upstreamTimeoutMs,
    int upstreamMaxConnections,
    int serviceTimeoutMs,
    int aggregateTimeoutMs,
    GuardSettings guard,
    int eventLoops,
    int poolSize,
    int queueSize,
    int workers,
    int cpuWorkers,
    int maxInFlight,
    OverloadSettings overload,
    int maxBodiesBytes,
    long clientMemoryBytes,
    int maxConnections,
    int idleTimeoutMs,
    int headerTimeoutMs,
    int requestTimeoutMs,
    int answerTimeoutMs,
    boolean http2,
    int streamHeartbeatMs,
    int streamWriteTimeoutMs,
    int drainDelayMs,
    int drainMs,
    TaskSettings tasks,
    RateLimitSettings rateLimit,
    DatabaseSettings database,
    ChatSettings chat,
    Optional<Path> dataFile,
    boolean antiPatterns,
    PlayOrigins playOrigins,
    LogFormat logFormat,
    boolean accessLog,
    boolean countPinned,
    int tracesPerSecond,
    OpenTelemetryVariables openTelemetry) {

  /** How the log is written to standard output. */
  public enum LogFormat {
    TEXT,
    JSON
  }

  /** One line a variable, as {@code --help} prints it. */
  public static final String HELP =
      """
      Environment variables (default):
        HOST (127.0.0.1)                  address of the main listener
        PORT (8080)                       port of the main listener, 0 for any free one
        MANAGEMENT_HOST (127.0.0.1)       address of the management listener, which has no access control
        MANAGEMENT_PORT (9090)            port of /health, /metrics, /threads and /settings there, 0 for any free one
        UPSTREAM_URL (unset)              the service to call; unset: a simulator inside this process
        UPSTREAM_TIMEOUT_MS (65000)       time for a whole upstream call, the wait for a connection included; one /fanout has this time for
                                          all its calls
        UPSTREAM_MAX_CONNECTIONS (10000)  connections to the upstream at once. QUEUE_SIZE more calls may wait for one; calls beyond that get
                                          503. By default at most half of the descriptors (ulimit -n)
        SERVICE_TIMEOUT_MS (1000)         time for each service behind /aggregate; at most UPSTREAM_TIMEOUT_MS
        AGGREGATE_TIMEOUT_MS (1500)       time for all services behind /aggregate together, the wait for a worker included; at most
                                          UPSTREAM_TIMEOUT_MS
        UPSTREAM_RETRY_PERCENT (10)       share of calls that may be repeated once. Only a GET whose connection ended before its answer began
                                          is repeated; 0: none
        UPSTREAM_BREAKER_PERCENT (0)      share of failed calls that opens the circuit breaker; a time-out is a failure, too. While it is open
                                          no call is made and requests get 503; 0: no circuit breaker
        UPSTREAM_BREAKER_CALLS (50)       the latest calls of which that share is taken
        UPSTREAM_BREAKER_OPEN_MS (1000)   how long the breaker stays open; then 5 trial calls decide
        EVENT_LOOPS (1)                   event loops (vertx) or I/O threads in front of the pool (blocking). In production: the number of
                                          cores
        POOL_SIZE (40)                    threads that run handlers (blocking); the default 40 is FastAPI's
        QUEUE_SIZE (1000)                 requests that may wait for a free thread of the pool, of the workers or of the CPU workers; one more
                                          gets 503
        WORKERS (40)                      threads of the worker pool behind /io/offloaded
        CPU_WORKERS (processors)          threads that compute for /cpu, /mixed and /steps (vertx, nima); by default one for each processor
        MAX_IN_FLIGHT (10000)             requests in flight; one more gets 503. By default at most one for each 64 KiB of heap
        MAX_IN_FLIGHT_PER_CLIENT (0)      requests in flight of one client (see TRUSTED_PROXIES); one more gets 429; 0: no limit
        FANOUT_CONCURRENCY (1000)         upstream calls of one /fanout at once; a request that asks for more gets so many
        MAX_QUEUE_MS (0)                  the longest time that a request may wait for a thread of a pool, the event loop or a carrier. A
                                          request that would wait longer gets 503; 0: no limit. 50 to 200 keeps an overloaded server quick
        ADAPTIVE_LIMIT (off)              a limit below MAX_IN_FLIGHT that adapts itself: gradient follows the latency, aimd follows failures
                                          (503, 504 and answers after more than 5 s). For services whose requests all take about the same time
        MAX_BODIES_BYTES (33554432)       memory for the bodies of all requests in flight together; more get 503. By default an eighth of the
                                          heap
        CLIENT_MEMORY_BYTES (123731968)   heap for all clients together: connections, heads, bodies, requests, their calls and answers; more
                                          get 503 or are closed. By default half of the heap beyond 20 MiB
        MAX_CONNECTIONS (20000)           open connections at once; one more is closed. By default the descriptors that
                                          UPSTREAM_MAX_CONNECTIONS leaves. The heap may allow less: see /settings, memory
        MAX_CONNECTIONS_PER_CLIENT (0)    open connections of one client; one more is closed. A client is an IPv4 address or an IPv6 network
                                          (/64). Not behind proxies, which are the clients then; 0: no limit
        IDLE_TIMEOUT_MS (75000)           a connection without a request for this time is closed
        HEADER_TIMEOUT_MS (10000)         time from the first byte of a request to the end of its header fields; then the connection is closed
        REQUEST_TIMEOUT_MS (10000)        time from the end of the header fields to the end of the body; then the request gets 408
        ANSWER_TIMEOUT_MS (30000)         time in which a client has to take its answer; then the connection is closed. Streams have a limit
                                          of their own
        HTTP2 (false)                     true: HTTP/2 without TLS for clients that begin with it (prior knowledge). Upgrade: h2c is never
                                          followed
        STREAM_HEARTBEAT_MS (15000)       a stream without an event for this time gets a comment line. Where the kernel shows no table of
                                          connections, a client that left is noticed by the second one
        STREAM_WRITE_TIMEOUT_MS (10000)   a stream is cut when its client has taken nothing for this time
        DRAIN_DELAY_MS (0)                at shutdown: time in which the server is not ready but still accepts. Set it to what a load balancer
                                          in front needs to notice, for example 5000; 0 where there is none
        DRAIN_MS (30000)                  after that: time for requests in flight and accepted tasks to end
        TASK_STORE (memory)               memory, or postgres (needs DATABASE_URL): then 202 means committed, any instance does the tasks, and
                                          an instance that is killed loses none
        TASK_WORKERS (4)                  threads that work off tasks; with TASK_STORE=postgres 0 leaves them to other instances
        TASK_QUEUE_SIZE (1000)            tasks that wait for a free worker; one more gets 503
        TASK_QUEUE_BYTES (8388608)        bodies of all unfinished tasks together; more get 503
        TASK_RESULTS_KEPT (1000)          tasks that have ended and can still be asked for
        TASK_RESULT_TTL_MS (600000)       how long they can be asked for
        TASK_TAKEOVER_MS (10000)          with TASK_STORE=postgres: time until other instances do the tasks of one that has died
        RATE_LIMIT (0)                    requests of all clients in a window; more get 429; 0: no limit
        RATE_LIMIT_PER_CLIENT (0)         requests of one client in a window; more get 429; 0: no limit
        RATE_LIMIT_WINDOW_SECONDS (1)     length of the window
        RATE_LIMIT_CLIENTS (10000)        clients that are counted apart; for a new one beyond that, another one is forgotten
        TRUSTED_PROXIES (0)               number of proxies in front whose X-Forwarded-For is believed; 0: the client is the peer of the
                                          connection
        DATABASE_URL (unset)              postgresql://user:password@host:port/name; unset: an embedded PostgreSQL, started when first needed
        DATABASE_USER (unset)             user, instead of the one in DATABASE_URL
        DATABASE_PASSWORD (unset)         password, instead of the one in DATABASE_URL
        DATABASE_PASSWORD_FILE (unset)    a file whose first line is the password, instead of the one in DATABASE_URL
        DATABASE_POOL_SIZE (20)           connections to the database; server-vertx has as many for each of its two drivers. By default at
                                          most one for each 16 descriptors
        DATABASE_QUEUE_SIZE (1000)        callers that may wait for a connection; one more gets 503
        DATABASE_ACQUIRE_TIMEOUT_MS (5000)
                                          how long a caller waits for a connection; then it gets 503
        DATABASE_STATEMENT_TIMEOUT_MS (15000)
                                          time for each statement; then it ends with 504
        DATABASE_GATE (true)              true: callers wait in one queue before the pool; false: in the pool's own queue
        DATABASE_READINESS (false)        true: not ready while the database cannot be reached
        ALLOWED_ORIGINS (unset)           pages that may open a WebSocket: https://host:port, separated by commas, or * for all; unset: those of
                                          the host that is asked
        CHAT_MAX_ROOMS (1000)             chat rooms at once; one more gets 503
        CHAT_MAX_MEMBERS (1000)           members of a room; one more gets 503
        CHAT_MESSAGES_PER_SECOND (20)     messages of one client in a second, and as many at once; a client that says more is closed with 1008
        CHAT_QUEUE_SIZE (100)             messages that wait for a client that reads slowly; with one more it is closed with 1013
        CHAT_PING_MS (20000)              time from one ping to the next; a client has to answer each
        CHAT_PONG_TIMEOUT_MS (10000)      time for a client to answer a ping; then it is closed with 1008
        CHAT_IDLE_TIMEOUT_MS (3600000)    time for a client to say something; then it is closed with 1000
        CHAT_THREAD_PER_CONNECTION (false)
                                          true: a client of a chat room has a thread of the pool as long as it stays (blocking), so that
                                          POOL_SIZE bounds the clients; false: each message gets a thread when it comes
        DATA_FILE (unset)                 the JSON file that /file reads; unset: a small one that is built in
        ANTI_PATTERNS (true)              /io/blocking, /io/pinned, /file/blocking, /cpu/inline and /db/blocking, which make others wait;
                                          false (as in the image): 404
        PLAY_ORIGINS (unset)              origins, separated by commas, whose pages may read /threads, /metrics and /health on the management
                                          listener, and may show the /play of this server in a frame: http://localhost:8081, say. Pages of
                                          the main listener on 127.0.0.1, localhost and [::1] may read it anyway. none (as in the image):
                                          no page may
        LOG_FORMAT (text)                 text, or json: one document for each line
        ACCESS_LOG (false)                true: a line for each request, without its query
        COUNT_PINNED (false)              true: /metrics counts the waits that kept the carrier of a virtual thread. The JDK's event recorder
                                          counts them: it needs a folder for temporary files, and some memory
        TRACES_PER_SECOND (1000)          where tracing is on: how many traces begin here in a second, evenly spread; traces that clients
                                          began come on top. OTEL_TRACES_SAMPLER, where set, decides alone: parentbased_always_on records
                                          every request
        OTEL_TRACES_EXPORTER (none)       otlp or logging switches tracing on, and so does OTEL_EXPORTER_OTLP_ENDPOINT. All other variables of
                                          OpenTelemetry work, too: OTEL_SERVICE_NAME, OTEL_TRACES_SAMPLER, OTEL_BSP_*, ...
      Argument:
        --train                           asks itself for each endpoint once and ends, to make an AOT cache
      """;

  /** What a server holds without any client, with room for what it loads later. */
  public static final long BASE_HEAP_BYTES = 20L << 20;

  /** The smallest heap to start with; the JVM tells less than -Xmx, by a survivor space. */
  private static final long LEAST_HEAP_BYTES = 30L << 20;

  private static final int LEAST_CLIENT_MEMORY_BYTES = 1 << 20;
  private static final int MAX_IN_FLIGHT = 10_000;
  private static final int MAX_TIMEOUT_MS = 3_600_000;

  /** Pools of DATABASE_POOL_SIZE that one process may have. */
  private static final int DRIVERS = 2;

  /** A fraction of it is the time in which an instance has to say that it lives. */
  private static final int LEAST_TAKEOVER_MS = 1000;

  /** HikariCP takes no less. */
  private static final int LEAST_ACQUIRE_TIMEOUT_MS = 250;

  private static final int MAX_SECRET_BYTES = 4096;

  /** A longer file is refused at the start, and whenever it is read. */
  public static final int MAX_DATA_FILE_BYTES = 1024 * 1024;

  /**
   * @throws SettingsException naming every value that was refused and what would be accepted
   */
  public static Settings fromEnvironment(Map<String, String> environment) {
    return of(environment, Descriptors.ofThisProcess());
  }

  static Settings of(Map<String, String> environment, Descriptors descriptors) {
    Reader reader = new Reader(environment);
    if (heapBytes() < LEAST_HEAP_BYTES) {
      reader.refuse(tooSmall(heapBytes()));
    }
    int upstreamMaxConnections =
        reader.integer("UPSTREAM_MAX_CONNECTIONS", 1, 65_535, descriptors.upstreamConnections());
    DatabaseSettings database = reader.database(descriptors.databaseConnections());
    TaskSettings tasks = reader.tasks();
    int outgoing =
        upstreamMaxConnections + DRIVERS * database.poolSize() + tasks.databaseConnections();
    int maxConnections =
        reader.integer("MAX_CONNECTIONS", 1, 1_000_000, descriptors.connections(outgoing));
    if (!descriptors.suffice(maxConnections, outgoing)) {
      reader.refuse(
          String.format(
              Locale.ROOT,
              "MAX_CONNECTIONS (%d), UPSTREAM_MAX_CONNECTIONS (%d), %d times DATABASE_POOL_SIZE"
                  + " (%d), %d for TASK_STORE and a reserve of %d are more than the %d descriptors"
                  + " of this process; lower one of them, or raise ulimit -n",
              maxConnections,
              upstreamMaxConnections,
              DRIVERS,
              database.poolSize(),
              tasks.databaseConnections(),
              descriptors.reserve(),
              descriptors.max()));
    }
    int upstreamTimeoutMs = reader.integer("UPSTREAM_TIMEOUT_MS", 1, MAX_TIMEOUT_MS, 65_000);
    Settings settings =
        new Settings(
            reader.text("HOST", "127.0.0.1"),
            reader.integer("PORT", 0, 65_535, 8080),
            reader.text("MANAGEMENT_HOST", "127.0.0.1"),
            reader.integer("MANAGEMENT_PORT", 0, 65_535, 9090),
            reader.url("UPSTREAM_URL"),
            upstreamTimeoutMs,
            upstreamMaxConnections,
            reader.integer(
                "SERVICE_TIMEOUT_MS", 1, upstreamTimeoutMs, Math.min(1000, upstreamTimeoutMs)),
            reader.integer(
                "AGGREGATE_TIMEOUT_MS", 1, upstreamTimeoutMs, Math.min(1500, upstreamTimeoutMs)),
            reader.guard(),
            reader.integer("EVENT_LOOPS", 1, 256, 1),
            reader.integer("POOL_SIZE", 1, 10_000, 40),
            reader.integer("QUEUE_SIZE", 1, 1_000_000, 1000),
            reader.integer("WORKERS", 1, 10_000, 40),
            reader.integer("CPU_WORKERS", 1, 1024, Runtime.getRuntime().availableProcessors()),
            reader.integer("MAX_IN_FLIGHT", 1, 1_000_000, maxInFlight(heapBytes())),
            reader.overload(),
            reader.integer(
                "MAX_BODIES_BYTES",
                Limits.BODY_BYTES,
                Integer.MAX_VALUE,
                maxBodiesBytes(heapBytes())),
            reader.clientMemoryBytes(),
            maxConnections,
            reader.integer("IDLE_TIMEOUT_MS", 1, MAX_TIMEOUT_MS, 75_000),
            reader.integer("HEADER_TIMEOUT_MS", 1, MAX_TIMEOUT_MS, 10_000),
            reader.integer("REQUEST_TIMEOUT_MS", 1, MAX_TIMEOUT_MS, 10_000),
            reader.integer("ANSWER_TIMEOUT_MS", 1, MAX_TIMEOUT_MS, 30_000),
            reader.flag("HTTP2"),
            reader.integer("STREAM_HEARTBEAT_MS", 1, MAX_TIMEOUT_MS, 15_000),
            reader.integer("STREAM_WRITE_TIMEOUT_MS", 1, MAX_TIMEOUT_MS, 10_000),
            reader.integer("DRAIN_DELAY_MS", 0, MAX_TIMEOUT_MS, 0),
            reader.integer("DRAIN_MS", 0, MAX_TIMEOUT_MS, 30_000),
            tasks,
            reader.rateLimit(),
            database,
            reader.chat(),
            reader.file("DATA_FILE"),
            Boolean.parseBoolean(reader.choice("ANTI_PATTERNS", List.of("true", "false"))),
            reader.playOrigins(),
            LogFormat.valueOf(
                reader.choice("LOG_FORMAT", List.of("text", "json")).toUpperCase(Locale.ROOT)),
            reader.flag("ACCESS_LOG"),
            reader.flag("COUNT_PINNED"),
            reader.integer("TRACES_PER_SECOND", 1, 1_000_000, 1000),
            OpenTelemetryVariables.of(environment));
    settings.checkTogether(reader);
    reader.refuseMisspelt();
    reader.throwIfRefused();
    return settings;
  }

  static String tooSmall(long heapBytes) {
    return String.format(
        Locale.ROOT,
        "the heap has %d MiB but has to have %d: %d for the server, the rest for clients and the"
            + " collector; start it with -Xmx32m or more",
        heapBytes >> 20,
        LEAST_HEAP_BYTES >> 20,
        BASE_HEAP_BYTES >> 20);
  }

  private static long heapBytes() {
    return Runtime.getRuntime().maxMemory();
  }

  /**
   * What the heap holds, with a third to spare: a request that waits takes up to 42 KiB of it, on
   * virtual threads ({@code ./bench scale}).
   */
  static int maxInFlight(long heapBytes) {
    return Math.clamp(heapBytes / Limits.HEAP_BYTES_PER_REQUEST, 1, MAX_IN_FLIGHT);
  }

  /**
   * Half of what a server leaves free: the collector needs room to copy, and what is counted is a
   * measured mean.
   */
  static long clientMemoryBytes(long heapBytes) {
    return Math.max(LEAST_CLIENT_MEMORY_BYTES, (heapBytes - BASE_HEAP_BYTES) / 2);
  }

  /** While they grow, and where they are copied, bodies take up to three times their length. */
  static int maxBodiesBytes(long heapBytes) {
    return Math.clamp(heapBytes / 8, Limits.BODY_BYTES, Integer.MAX_VALUE);
  }

  private void checkTogether(Reader reader) {
    if (tasks.workers() == 0 && tasks.store() == TaskSettings.Store.MEMORY) {
      reader.refuse("TASK_WORKERS is 0, but nobody else can do the tasks of TASK_STORE=memory");
    }
    if (tasks.store() == TaskSettings.Store.POSTGRES && database.address().isEmpty()) {
      reader.refuse(
          "TASK_STORE=postgres needs DATABASE_URL: an embedded PostgreSQL ends with this process,"
              + " and its tasks with it");
    }
    if (overload.maxConnectionsPerClient() > 0 && rateLimit.trustedProxies() > 0) {
      reader.refuse(
          "MAX_CONNECTIONS_PER_CLIENT is set, but behind TRUSTED_PROXIES each connection is one of"
              + " a proxy; leave one of them at 0");
    }
    if (port != 0 && port == managementPort) {
      reader.refuse("PORT and MANAGEMENT_PORT are both " + port + " but have to differ");
    }
  }

  private static final class Reader {
    private static final List<String> NAMES =
        HELP.lines()
            .skip(1)
            .filter(line -> line.startsWith("  ") && line.charAt(2) != ' ')
            .map(Reader::name)
            .toList();

    /** RFC 6454, 6.1: no path, and not even a slash. */
    private static final Pattern ORIGIN = Pattern.compile("https?://[^/?#@\\s]+");

    private final Map<String, String> environment;
    private final List<String> refusals = new ArrayList<>();

    Reader(Map<String, String> environment) {
      this.environment = environment;
    }

    private static String name(String helpLine) {
      return helpLine.strip().split(" ", 2)[0];
    }

    String text(String name, String defaultValue) {
      String value = environment.get(name);
      return value == null || value.isBlank() ? defaultValue : value.strip();
    }

    int integer(String name, int min, int max, int defaultValue) {
      String value = text(name, Integer.toString(defaultValue));
      try {
        int number = Integer.parseInt(value);
        if (number >= min && number <= max) {
          return number;
        }
      } catch (NumberFormatException _) {
        // Refused below, as a number out of range is.
      }
      refuse(
          String.format(
              Locale.ROOT,
              "%s is '%s' but has to be a whole number from %d to %d",
              name,
              value,
              min,
              max));
      return defaultValue;
    }

    /** One of these words; the first is the default. */
    String choice(String name, List<String> words) {
      String value = text(name, words.getFirst());
      if (!words.contains(value)) {
        refuse(
            String.format(
                Locale.ROOT,
                "%s is '%s' but has to be %s",
                name,
                value,
                String.join(" or ", words)));
        return words.getFirst();
      }
      return value;
    }

    /** False by default. */
    boolean flag(String name) {
      return Boolean.parseBoolean(choice(name, List.of("false", "true")));
    }

    long clientMemoryBytes() {
      long ofHeap = Settings.clientMemoryBytes(heapBytes());
      int most = (int) Math.min(heapBytes(), Integer.MAX_VALUE);
      return integer(
          "CLIENT_MEMORY_BYTES", LEAST_CLIENT_MEMORY_BYTES, most, (int) Math.min(ofHeap, most));
    }

    GuardSettings guard() {
      return new GuardSettings(
          integer("UPSTREAM_RETRY_PERCENT", 0, 100, 10),
          integer("UPSTREAM_BREAKER_PERCENT", 0, 100, 0),
          integer("UPSTREAM_BREAKER_CALLS", 1, 10_000, 50),
          integer("UPSTREAM_BREAKER_OPEN_MS", 1, MAX_TIMEOUT_MS, 1000));
    }

    OverloadSettings overload() {
      String adaptive = choice("ADAPTIVE_LIMIT", List.of("off", "gradient", "aimd"));
      return new OverloadSettings(
          integer("MAX_CONNECTIONS_PER_CLIENT", 0, 1_000_000, 0),
          integer("MAX_IN_FLIGHT_PER_CLIENT", 0, 1_000_000, 0),
          integer("FANOUT_CONCURRENCY", 1, Limits.MAX_CONCURRENCY, Limits.MAX_CONCURRENCY),
          integer("MAX_QUEUE_MS", 0, MAX_TIMEOUT_MS, 0),
          OverloadSettings.Adaptive.valueOf(adaptive.toUpperCase(Locale.ROOT)));
    }

    PlayOrigins playOrigins() {
      String value = text("PLAY_ORIGINS", "");
      try {
        return PlayOrigins.of(value);
      } catch (IllegalArgumentException _) {
        refuse(
            String.format(
                Locale.ROOT,
                "PLAY_ORIGINS is '%s' but has to be none, or at most %d origins, each once, as"
                    + " browsers write them: http://localhost:8081,http://127.0.0.1:8081",
                value,
                PlayOrigins.MAX_OTHERS));
        return new PlayOrigins(false, List.of());
      }
    }

    TaskSettings tasks() {
      String store = choice("TASK_STORE", List.of("memory", "postgres"));
      return new TaskSettings(
          TaskSettings.Store.valueOf(store.toUpperCase(Locale.ROOT)),
          integer("TASK_WORKERS", 0, 1000, 4),
          integer("TASK_QUEUE_SIZE", 1, 1_000_000, 1000),
          integer("TASK_QUEUE_BYTES", Limits.TASK_BYTES, 1 << 30, 8 * 1024 * 1024),
          integer("TASK_RESULTS_KEPT", 1, 1_000_000, 1000),
          integer("TASK_RESULT_TTL_MS", 1, MAX_TIMEOUT_MS, 600_000),
          integer("TASK_TAKEOVER_MS", LEAST_TAKEOVER_MS, MAX_TIMEOUT_MS, 10_000));
    }

    RateLimitSettings rateLimit() {
      return new RateLimitSettings(
          integer("RATE_LIMIT", 0, 1_000_000_000, 0),
          integer("RATE_LIMIT_PER_CLIENT", 0, 1_000_000_000, 0),
          integer("RATE_LIMIT_WINDOW_SECONDS", 1, 3600, 1),
          integer("RATE_LIMIT_CLIENTS", 1, 1_000_000, 10_000),
          integer("TRUSTED_PROXIES", 0, 10, 0));
    }

    DatabaseSettings database(int poolSize) {
      return new DatabaseSettings(
          databaseAddress(),
          integer("DATABASE_POOL_SIZE", 1, 1000, poolSize),
          integer("DATABASE_QUEUE_SIZE", 0, 1_000_000, 1000),
          integer("DATABASE_ACQUIRE_TIMEOUT_MS", LEAST_ACQUIRE_TIMEOUT_MS, MAX_TIMEOUT_MS, 5000),
          integer("DATABASE_STATEMENT_TIMEOUT_MS", 1, MAX_TIMEOUT_MS, 15_000),
          Boolean.parseBoolean(choice("DATABASE_GATE", List.of("true", "false"))),
          flag("DATABASE_READINESS"));
    }

    ChatSettings chat() {
      return new ChatSettings(
          origins("ALLOWED_ORIGINS"),
          flag("CHAT_THREAD_PER_CONNECTION"),
          integer("CHAT_MAX_ROOMS", 1, 1_000_000, 1000),
          integer("CHAT_MAX_MEMBERS", 1, 1_000_000, 1000),
          integer("CHAT_MESSAGES_PER_SECOND", 1, 1_000_000, 20),
          integer("CHAT_QUEUE_SIZE", 1, 100_000, 100),
          integer("CHAT_PING_MS", 1, MAX_TIMEOUT_MS, 20_000),
          integer("CHAT_PONG_TIMEOUT_MS", 1, MAX_TIMEOUT_MS, 10_000),
          integer("CHAT_IDLE_TIMEOUT_MS", 1, MAX_TIMEOUT_MS, MAX_TIMEOUT_MS));
    }

    private List<String> origins(String name) {
      List<String> origins =
          Arrays.stream(text(name, "").split(","))
              .map(String::strip)
              .filter(origin -> !origin.isEmpty())
              .toList();
      for (String origin : origins) {
        if (!origin.equals("*") && !ORIGIN.matcher(origin).matches()) {
          refuse(
              String.format(
                  Locale.ROOT,
                  "%s has '%s' but takes https://host:port, or * for all",
                  name,
                  origin));
        }
      }
      return origins;
    }

    /** The value is never shown: it may hold a password. */
    private Optional<DatabaseAddress> databaseAddress() {
      String url = text("DATABASE_URL", "");
      String user = text("DATABASE_USER", null);
      String password = databasePassword();
      if (url.isEmpty()) {
        if (user != null || password != null) {
          refuse("DATABASE_USER or DATABASE_PASSWORD is set, but DATABASE_URL is not");
        }
        return Optional.empty();
      }
      try {
        DatabaseAddress address = DatabaseAddress.of(url);
        String name = user == null ? address.user() : user;
        if (name == null) {
          refuse("DATABASE_URL names no user, and DATABASE_USER is not set");
        }
        return Optional.of(address.as(name, password == null ? address.password() : password));
      } catch (IllegalArgumentException _) {
        refuse("DATABASE_URL has to look like postgresql://user:password@host:port/name");
        return Optional.empty();
      }
    }

    /** Null for none. */
    private String databasePassword() {
      String file = text("DATABASE_PASSWORD_FILE", null);
      String password = text("DATABASE_PASSWORD", null);
      if (file == null) {
        return password;
      }
      if (password != null) {
        refuse("DATABASE_PASSWORD and DATABASE_PASSWORD_FILE are both set; one is enough");
      }
      try {
        if (Files.size(Path.of(file)) <= MAX_SECRET_BYTES) {
          String firstLine = Files.readString(Path.of(file)).lines().findFirst().orElse("");
          if (!firstLine.isEmpty()) {
            return firstLine;
          }
        }
      } catch (IOException | InvalidPathException _) {
        // Refused below, as an empty one is.
      }
      refuse(
          String.format(
              Locale.ROOT,
              "DATABASE_PASSWORD_FILE is '%s' but has to be a readable file of at most %d bytes"
                  + " whose first line is the password",
              file,
              MAX_SECRET_BYTES));
      return null;
    }

    Optional<URI> url(String name) {
      String value = text(name, "");
      if (value.isEmpty()) {
        return Optional.empty();
      }
      try {
        URI url = URI.create(value);
        boolean bare =
            url.getRawPath() == null || url.getRawPath().isEmpty() || url.getRawPath().equals("/");
        HostAndPort.of(url);
        if ("http".equals(url.getScheme()) && bare && url.getRawQuery() == null) {
          return Optional.of(url);
        }
      } catch (IllegalArgumentException _) {
        // Refused below.
      }
      refuse(
          String.format(
              Locale.ROOT, "%s is '%s' but has to look like http://host:port", name, value));
      return Optional.empty();
    }

    Optional<Path> file(String name) {
      String value = text(name, "");
      if (value.isEmpty()) {
        return Optional.empty();
      }
      Path path = Path.of(value);
      if (!Files.isReadable(path)
          || !Files.isRegularFile(path)
          || path.toFile().length() > MAX_DATA_FILE_BYTES) {
        refuse(
            String.format(
                Locale.ROOT,
                "%s is '%s' but has to be a readable file of at most %d bytes",
                name,
                value,
                MAX_DATA_FILE_BYTES));
      } else if (!isJson(path)) {
        refuse(String.format(Locale.ROOT, "%s is '%s' but has to hold JSON in UTF-8", name, value));
      }
      return Optional.of(path);
    }

    private static boolean isJson(Path path) {
      try {
        byte[] content = Files.readAllBytes(path);
        Json.utf8(content);
        return !Json.tree(content).isMissingNode();
      } catch (IOException | JacksonException _) {
        return false;
      }
    }

    /**
     * POOLSIZE or pool_size would otherwise be ignored in silence, and the measurement be one of
     * the default.
     */
    void refuseMisspelt() {
      for (String given : environment.keySet()) {
        for (String name : NAMES) {
          if (!given.equals(name)
              && bare(given).equals(bare(name))
              && !environment.containsKey(name)) {
            refuse(
                String.format(Locale.ROOT, "%s is not a setting; did you mean %s?", given, name));
          }
        }
      }
    }

    private static String bare(String name) {
      return name.replace("_", "").toUpperCase(Locale.ROOT);
    }

    void refuse(String sentence) {
      refusals.add(Secrets.masked(sentence));
    }

    void throwIfRefused() {
      if (!refusals.isEmpty()) {
        throw new SettingsException(String.join(System.lineSeparator(), refusals));
      }
    }
  }

  /**
   * Settings that a server cannot start with; the message is meant for the person who wrote them.
   */
  public static final class SettingsException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public SettingsException(String message) {
      super(message, null, false, false);
    }
  }
}
