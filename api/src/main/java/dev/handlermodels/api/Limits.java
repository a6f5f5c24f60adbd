package dev.handlermodels.api;

/** Limits that are no settings: the same on all three servers, and told with the settings. */
public final class Limits {
  /** Method, target and version together, as Netty counts them by default. */
  public static final int REQUEST_LINE_BYTES = 4096;

  /** As Undertow has it. */
  public static final int METHOD_CHARS = 32;

  /**
   * All header fields of a request together: Netty's default, and enough for a JWT beside the usual
   * fields.
   */
  public static final int HEADER_BYTES = 8192;

  /** How many header fields a request may have. */
  public static final int HEADER_FIELDS = 100;

  /** The size of a chunk and its extensions, which nobody here understands. */
  public static final int CHUNK_LINE_BYTES = 256;

  /** Streams of one HTTP/2 connection that wait for their answers at once. */
  public static final int HTTP2_STREAMS = 100;

  /** What an HTTP/2 client may send ahead, on a connection and on a stream: the protocol's own. */
  public static final int HTTP2_WINDOW_BYTES = 65_535;

  /** The largest frame: the least that the protocol allows. */
  public static final int HTTP2_FRAME_BYTES = 16_384;

  /**
   * A head that is larger ends the connection instead of being answered with 431. HTTP/2 counts 32
   * bytes more for each field than {@link #HEADER_BYTES} does.
   */
  public static final int HTTP2_HEADER_LIST_BYTES = 16_384;

  /** Frames that one head may come in. */
  public static final int HTTP2_FRAMES_OF_HEAD = 16;

  /** The next limits hold for one connection and such a time. */
  public static final int HTTP2_PERIOD_MS = 10_000;

  /** Streams that a client resets, and likewise those that it makes the server reset. */
  public static final int HTTP2_RESETS = 200;

  /**
   * Frames that bring no request any further (PING, SETTINGS, WINDOW_UPDATE, PRIORITY, empty DATA,
   * unknown ones), beside {@link #HTTP2_CONTROL_FRAMES_PER_ANSWER} for each frame of an answer.
   */
  public static final int HTTP2_CONTROL_FRAMES = 1000;

  /** A client may update two windows for each frame that it gets, and do as much again. */
  public static final int HTTP2_CONTROL_FRAMES_PER_ANSWER = 4;

  /** A parameter inside a path, as in {@code /tasks/{id}}. */
  public static final int PATH_PARAMETER_CHARS = 64;

  /** An attribute of a span, where OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT says nothing else. */
  public static final int SPAN_ATTRIBUTE_CHARS = 1024;

  /** The largest body that {@code POST /echo} takes. */
  public static final int BODY_BYTES = 1024 * 1024;

  /** A longer answer is written piece by piece, as its client takes it. */
  public static final int PIECE_BYTES = 16 * 1024;

  /**
   * What the kernel keeps of answers that a client does not take, for each connection. Linux grants
   * twice as much, for its own bookkeeping; by itself it would take up to 4 MiB.
   */
  public static final int SEND_BUFFER_BYTES = 128 * 1024;

  /** The largest body that {@code POST /tasks} takes: an event loop reads it in no time. */
  public static final int TASK_BYTES = 64 * 1024;

  /** How deep the JSON of a body may be nested. */
  public static final int JSON_DEPTH = 16;

  public static final int IDEMPOTENCY_KEY_CHARS = 128;

  public static final int MAX_TASKS_LISTED = 100;

  public static final int DEFAULT_TASKS_LISTED = 20;

  /** The longest wait that can be asked of the upstream. */
  public static final int MAX_WAIT_MS = 60_000;

  public static final int DEFAULT_WAIT_MS = 1000;

  /** The most calls of one {@code /fanout}. */
  public static final int MAX_CALLS = 10_000;

  static final int DEFAULT_CALLS = 100;

  /** The most of them that can be asked to run at once. */
  public static final int MAX_CONCURRENCY = 1000;

  static final int DEFAULT_CONCURRENCY = 20;

  static final int DEFAULT_SERVICE_WAIT_MS = 100;

  /** The most work that can be asked for: some 10 s of a processor, see {@code HashChain}. */
  public static final int MAX_WORK = 10_000;

  public static final int DEFAULT_WORK = 100;

  /** The most steps of one {@code /steps}. */
  public static final int MAX_STEPS = 32;

  /** What it does where nothing else is asked for. */
  public static final String DEFAULT_STEPS = "call:100,cpu:1";

  /** The most queries of one {@code /db}. */
  public static final int MAX_QUERIES = 20;

  static final int DEFAULT_QUERIES = 1;

  /** The longest time that each of them can be asked to hold its connection. */
  public static final int MAX_HOLD_MS = 10_000;

  static final int DEFAULT_HOLD_MS = 0;

  /** Tasks of one race; made safe they take their turns, at 1 ms each and some. */
  public static final int MAX_RACE_TASKS = 1000;

  public static final int DEFAULT_RACE_TASKS = 100;

  /** The most items of {@code /stream}. */
  public static final int MAX_STREAM_ITEMS = 100_000;

  public static final int DEFAULT_STREAM_ITEMS = 10;

  /** The longest pause between two items of {@code /stream}. */
  public static final int MAX_EVERY_MS = 60_000;

  public static final int DEFAULT_EVERY_MS = 1000;

  /** The longest stream that can be asked for: items × everyMs. */
  public static final int MAX_STREAM_MS = 3_600_000;

  /** The longest message of a chat, over all its fragments. */
  public static final int CHAT_MESSAGE_BYTES = 64 * 1024;

  /** Frames that one message may come in. */
  public static final int CHAT_FRAGMENTS = 64;

  /** Pings, pongs and Closes that a client may send in such a time. */
  public static final int CHAT_CONTROL_FRAMES = 100;

  public static final int CHAT_CONTROL_PERIOD_MS = 10_000;

  /** Messages that somebody who joins is told. */
  public static final int CHAT_HISTORY = 20;

  public static final int CHAT_NAME_CHARS = 32;

  /** For a client to answer Close, before its connection is cut. */
  public static final int CHAT_CLOSE_MS = 1000;

  /** The largest upstream answer that is read; a longer one counts as a bad answer. */
  public static final int UPSTREAM_ANSWER_BYTES = 64 * 1024;

  /** For a connection to the upstream to be made; less where UPSTREAM_TIMEOUT_MS is. */
  public static final int UPSTREAM_CONNECT_TIMEOUT_MS = 5000;

  /**
   * For a connection to the upstream that nobody uses, before it is closed: less than an upstream
   * keeps it, and soon, because a burst may leave thousands of them.
   */
  public static final int UPSTREAM_IDLE_MS = 10_000;

  /** For a connection to the database to be made and let in. */
  public static final int DATABASE_CONNECT_TIMEOUT_MS = 5000;

  /** For an embedded database to start, and for the schema to be brought up to date. */
  public static final int DATABASE_START_TIMEOUT_MS = 60_000;

  /** The management listener answers so many requests at once, and lets some wait. */
  public static final int MANAGEMENT_THREADS = 4;

  public static final int MANAGEMENT_QUEUE_SIZE = 64;

  public static final int MANAGEMENT_CONNECTIONS = 64;

  /** For a request to arrive there, and for its answer to leave. */
  public static final int MANAGEMENT_TIMEOUT_MS = 5000;

  /** Heap that is set aside for a request in flight, where MAX_IN_FLIGHT says nothing else. */
  public static final int HEAP_BYTES_PER_REQUEST = 64 * 1024;

  private Limits() {}
}
