package dev.handlermodels.api;

import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The endpoints of the main listener, each with its method and path. The one table that routes,
 * metrics, {@code GET /} and the answers 404 and 405 are made of. A path may have a parameter, as
 * {@link PathTemplate} says, and several methods, each an endpoint of its own.
 */
public enum Endpoint {
  ROOT("GET", Endpoint.ROOT_PATH, "what this server is and which endpoints it has"),
  IO("GET", Endpoint.IO_PATH, "one upstream call, the right way of this model"),
  IO_BLOCKING("GET", Endpoint.IO_BLOCKING_PATH, "the blocking call on the request's own thread"),
  IO_PINNED("GET", Endpoint.IO_PINNED_PATH, "the blocking call beneath a frame of native code"),
  IO_OFFLOADED(
      "GET", Endpoint.IO_OFFLOADED_PATH, "the blocking call handed to a bounded worker pool"),
  FILE("GET", Endpoint.FILE_PATH, "a JSON file read from disk, the right way of this model"),
  FILE_BLOCKING("GET", Endpoint.FILE_BLOCKING_PATH, "the file read on the request's own thread"),
  CPU("GET", Endpoint.CPU_PATH, "CPU work, the right way of this model"),
  CPU_INLINE("GET", Endpoint.CPU_INLINE_PATH, "CPU work on the request's own thread"),
  MIXED("GET", Endpoint.MIXED_PATH, "one upstream call, then CPU work"),
  STEPS("GET", Endpoint.STEPS_PATH, "calls, queries and CPU work, one after the other"),
  FANOUT("GET", Endpoint.FANOUT_PATH, "many upstream calls, a limited number at once"),
  AGGREGATE(
      "GET",
      Endpoint.AGGREGATE_PATH,
      "a gateway: three services at once, each with a" + " deadline"),
  DB("GET", Endpoint.DB_PATH, "rows of a database, the right way of this model"),
  DB_BLOCKING("GET", Endpoint.DB_BLOCKING_PATH, "the rows, by JDBC on the request's own thread"),
  DB_OFFLOADED("GET", Endpoint.DB_OFFLOADED_PATH, "the rows, by JDBC on the worker pool"),
  DB_INCREMENT("POST", Endpoint.DB_INCREMENT_PATH, "a counter raised in a transaction"),
  SUBMIT_TASK("POST", Endpoint.TASKS_PATH, "work to be done later, by a bounded queue and workers"),
  TASK("GET", Endpoint.TASK_PATH, "the state and result of a task"),
  TASKS("GET", Endpoint.TASKS_PATH, "the tasks accepted last"),
  STREAM("GET", Endpoint.STREAM_PATH, "server-sent events, no faster than the client reads"),
  CHAT("GET", Endpoint.CHAT_PATH, "a chat room, over a WebSocket"),
  RACE("GET", Endpoint.RACE_PATH, "updates lost across a suspension point, and the repair"),
  ECHO("POST", Endpoint.ECHO_PATH, "the request body back"),
  OPENAPI("GET", Endpoint.OPENAPI_PATH, "the contract"),
  DOCS("GET", Endpoint.DOCS_PATH, "a page to read the contract and try it"),
  DOCS_FILE("GET", Endpoint.DOCS_FILE_PATH, "the files of that page"),
  PLAY("GET", Endpoint.PLAY_PATH, "a page to send requests from and to see what they do"),
  PLAY_FILE("GET", Endpoint.PLAY_FILE_PATH, "the files of that page"),
  LIVE("GET", Endpoint.LIVE_PATH, "whether this listener still answers"),
  READY("GET", Endpoint.READY_PATH, "whether new requests are welcome");

  public static final String ROOT_PATH = "/";
  public static final String IO_PATH = "/io";
  public static final String IO_BLOCKING_PATH = "/io/blocking";
  public static final String IO_PINNED_PATH = "/io/pinned";
  public static final String IO_OFFLOADED_PATH = "/io/offloaded";
  public static final String FILE_PATH = "/file";
  public static final String FILE_BLOCKING_PATH = "/file/blocking";
  public static final String CPU_PATH = "/cpu";
  public static final String CPU_INLINE_PATH = "/cpu/inline";
  public static final String MIXED_PATH = "/mixed";
  public static final String STEPS_PATH = "/steps";
  public static final String FANOUT_PATH = "/fanout";
  public static final String AGGREGATE_PATH = "/aggregate/{user}";
  public static final String DB_PATH = "/db";
  public static final String DB_BLOCKING_PATH = "/db/blocking";
  public static final String DB_OFFLOADED_PATH = "/db/offloaded";
  public static final String DB_INCREMENT_PATH = "/db/increment";
  public static final String TASKS_PATH = "/tasks";
  public static final String TASK_PATH = "/tasks/{id}";
  public static final String STREAM_PATH = "/stream";
  public static final String CHAT_PATH = "/chat/{room}";
  public static final String RACE_PATH = "/race";
  public static final String ECHO_PATH = "/echo";
  public static final String OPENAPI_PATH = "/openapi.yaml";
  public static final String DOCS_PATH = "/docs";
  public static final String DOCS_FILE_PATH = "/docs/{file}";
  public static final String PLAY_PATH = "/play";
  public static final String PLAY_FILE_PATH = "/play/{file}";
  public static final String LIVE_PATH = "/health/live";
  public static final String READY_PATH = "/health/ready";

  private static final Set<String> ANTI_PATTERNS =
      Arrays.stream(values())
          .filter(Endpoint::isAntiPattern)
          .map(Endpoint::path)
          .collect(Collectors.toUnmodifiableSet());

  private static final EndpointTable<Endpoint> TABLE =
      new EndpointTable<>(Arrays.asList(values()), Endpoint::method, Endpoint::template);

  private static final String ALL_METHODS = "GET, HEAD, OPTIONS, POST";

  private final String method;
  private final PathTemplate template;
  private final String summary;

  Endpoint(String method, String path, String summary) {
    this.method = method;
    this.template = PathTemplate.of(path);
    this.summary = summary;
  }

  /**
   * The endpoint of a line in a server's routes.
   *
   * @param path as {@link #path()} gives it
   * @throws IllegalArgumentException where there is none
   */
  public static Endpoint named(String method, String path) {
    return Arrays.stream(values())
        .filter(endpoint -> endpoint.method.equals(method) && endpoint.path().equals(path))
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException("there is no endpoint " + method + " " + path));
  }

  /** Whether a request may bring a body that is read. */
  public boolean takesBody() {
    return method.equals("POST");
  }

  public String method() {
    return method;
  }

  /** The path as openapi.yaml has it: a parameter stands in braces. */
  public String path() {
    return template.text();
  }

  /** The path with this value for its parameter; the path itself where it has none. */
  public String path(String parameter) {
    return template.fill(parameter);
  }

  private PathTemplate template() {
    return template;
  }

  /**
   * @param rawPath of a request that led to this endpoint
   * @return the value of the path's parameter
   */
  public String parameter(String rawPath) {
    return template.parameter(rawPath);
  }

  public String summary() {
    return summary;
  }

  /**
   * Health is asked while the server is full or frozen, so it is neither limited nor counted as
   * work.
   */
  public boolean isHealth() {
    return this == LIVE || this == READY;
  }

  /** Answers from a database, which may have to be started first. */
  public boolean needsDatabase() {
    return this == DB || this == DB_BLOCKING || this == DB_OFFLOADED || this == DB_INCREMENT;
  }

  /**
   * Wrong on purpose, on one model at least: a request there makes all others wait. On or off on
   * all three servers alike, by ANTI_PATTERNS.
   */
  public boolean isAntiPattern() {
    return this == IO_BLOCKING
        || this == IO_PINNED
        || this == FILE_BLOCKING
        || this == CPU_INLINE
        || this == DB_BLOCKING;
  }

  /**
   * The endpoint for a request line. Deciding this once, before any router does, makes the three
   * servers agree on trailing slashes, encoded letters and wrong methods, on which their routers
   * differ. HEAD has the endpoint of GET; OPTIONS has any one of its path.
   *
   * @param rawPath the path as it came, not decoded, without the query
   * @throws ProblemException 404 for an unknown path, 405 with Allow for a wrong method
   */
  public static Endpoint of(String method, String rawPath) {
    return TABLE.find(method, rawPath);
  }

  /**
   * What OPTIONS is answered with, in the header field Allow.
   *
   * @param rawPath as above, or the asterisk that stands for the whole server
   */
  public static String allowed(String rawPath) {
    return rawPath.equals("*") ? ALL_METHODS : TABLE.allowed(rawPath);
  }

  /**
   * The same as {@link #of} where anti-patterns are off.
   *
   * @throws ProblemException 404 for an anti-pattern, too
   */
  public static Endpoint ofHarmless(String method, String rawPath) {
    if (ANTI_PATTERNS.contains(rawPath)) {
      throw Problems.antiPatternOff(rawPath);
    }
    return of(method, rawPath);
  }
}
