package dev.handlermodels.api;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Every problem that the three servers answer with, so that they answer with the same document. */
public final class Problems {
  private static final String RETRY_AFTER_SECONDS = "1";
  private static final int SHOWN_CHARS = 100;

  private Problems() {}

  public static ProblemException badParameter(String name, String accepts, String why) {
    Problem base = Problem.of("bad-parameter", 400, "Bad parameter", shown(name) + " " + why);
    return new ProblemException(
        new Problem(base.type(), base.title(), base.status(), base.detail(), shown(name), accepts),
        Map.of());
  }

  /** A body that came whole, but says nothing that can be done. */
  public static ProblemException badBody(String why) {
    return plain(Problem.of("bad-body", 400, "Bad body", why));
  }

  /** The same for a member of a JSON object. */
  public static ProblemException badMember(String name, String accepts, String why) {
    Problem base = Problem.of("bad-body", 400, "Bad body", shown(name) + " " + why);
    return plain(
        new Problem(base.type(), base.title(), base.status(), base.detail(), shown(name), accepts));
  }

  /** What came is not a request that HTTP allows; the connection cannot be trusted any further. */
  public static ProblemException badRequest(String why) {
    return closing(Problem.of("bad-request", 400, "Bad request", why));
  }

  /** The same of a head or a chunk that breaks the rules of RFC 9112. */
  public static ProblemException notHttp() {
    return badRequest("the request is not valid HTTP/1.1");
  }

  /**
   * RFC 9110, 15.6.6. Its answer is in HTTP/1.1, as no version may be claimed that is not spoken.
   */
  public static ProblemException versionNotSupported() {
    return closing(
        Problem.of(
            "version-not-supported",
            505,
            "HTTP version not supported",
            "this server speaks HTTP/1.1 and HTTP/1.0 only"));
  }

  /** A chunk whose size, with its extensions, has no end. */
  public static ProblemException chunkLineTooLong() {
    return badRequest("the line of a chunk's size is too long").exceeds(Limit.CHUNK_LINE_BYTES);
  }

  public static ProblemException notFound(String path) {
    return plain(Problem.of("not-found", 404, "Not found", "there is nothing at " + shown(path)));
  }

  static ProblemException antiPatternOff(String path) {
    return plain(
        Problem.of(
            "not-found",
            404,
            "Not found",
            path + " is an anti-pattern, which ANTI_PATTERNS=true turns on"));
  }

  public static ProblemException taskNotFound(String id) {
    return plain(
        Problem.of(
            "not-found", 404, "Not found", "there is no task " + shown(id) + ", or not any more"));
  }

  /**
   * @param allowed the methods that are possible, separated by commas
   */
  public static ProblemException methodNotAllowed(String method, String allowed) {
    return new ProblemException(
        Problem.of(
            "method-not-allowed",
            405,
            "Method not allowed",
            shown(method) + " is not possible here, only " + allowed),
        Map.of("Allow", allowed));
  }

  public static ProblemException bodyTimeout(int timeoutMs) {
    return closing(
            Problem.of(
                "request-timeout",
                408,
                "Request timeout",
                "the request was not complete within " + timeoutMs + " ms"))
        .exceeds(Limit.BODY_TIME);
  }

  public static ProblemException bodyTooLarge() {
    return closing(
            Problem.of(
                "body-too-large",
                413,
                "Content too large",
                "the body may have at most " + Limits.BODY_BYTES + " bytes"))
        .exceeds(Limit.BODY_BYTES);
  }

  /** A body that was read whole, so the connection goes on. */
  public static ProblemException taskTooLarge() {
    return plain(
            Problem.of(
                "body-too-large",
                413,
                "Content too large",
                "a task may have at most " + Limits.TASK_BYTES + " bytes"))
        .exceeds(Limit.BODY_BYTES);
  }

  public static ProblemException unsupportedMediaType(String supported) {
    return plain(
        Problem.of(
            "unsupported-media-type",
            415,
            "Unsupported media type",
            "the body has to be " + supported));
  }

  /** Bytes that would mean something else once they were decoded, which nobody does here. */
  public static ProblemException encodedBody() {
    return new ProblemException(
        Problem.of(
            "unsupported-media-type",
            415,
            "Unsupported media type",
            "the body has to come without Content-Encoding"),
        Map.of("Connection", "close", "Accept-Encoding", "identity")); // RFC 9110, 15.5.16
  }

  /** RFC 9110, 10.1.1. */
  public static ProblemException expectationFailed() {
    return closing(
        Problem.of(
            "expectation-failed", 417, "Expectation failed", "Expect may be 100-continue only"));
  }

  /** RFC 9110, 13.1.1. */
  public static ProblemException preconditionFailed() {
    return plain(
        Problem.of(
            "precondition-failed",
            412,
            "Precondition failed",
            "If-Match names no version that is served here"));
  }

  public static ProblemException idempotencyKeyReused() {
    return plain(
        Problem.of(
            "idempotency-key-reused",
            422,
            "Idempotency-Key reused",
            "this Idempotency-Key was used with another body"));
  }

  public static ProblemException requestLineTooLong() {
    return closing(
            Problem.of(
                "request-line-too-long",
                414,
                "URI too long",
                "the request line may have at most " + Limits.REQUEST_LINE_BYTES + " bytes"))
        .exceeds(Limit.REQUEST_LINE_BYTES);
  }

  public static ProblemException headersTooLarge() {
    return closing(
            Problem.of(
                "headers-too-large",
                431,
                "Request header fields too large",
                "the header fields may have at most " + Limits.HEADER_BYTES + " bytes"))
        .exceeds(Limit.HEADER_BYTES);
  }

  public static ProblemException tooManyHeaders() {
    return closing(
            Problem.of(
                "headers-too-large",
                431,
                "Request header fields too large",
                "there may be at most " + Limits.HEADER_FIELDS + " header fields"))
        .exceeds(Limit.HEADER_FIELDS);
  }

  /** Asked too often: refused before any work was done, and the connection goes on. */
  public static ProblemException rateLimited(String why, Map<String, String> headers) {
    return new ProblemException(Problem.of("rate-limited", 429, "Too many requests", why), headers)
        .exceeds(Limit.RATE);
  }

  /** RFC 6585, 4: one client has more requests in flight than it may have. */
  public static ProblemException tooManyOfClient(int max) {
    return new ProblemException(
            Problem.of(
                "rate-limited",
                429,
                "Too many requests",
                "this client has " + max + " requests in flight, which is the limit"),
            Map.of("Retry-After", RETRY_AFTER_SECONDS))
        .exceeds(Limit.IN_FLIGHT_PER_CLIENT);
  }

  /** Full or shutting down: refused before any work was done, so it is safe to try again. */
  public static ProblemException overloaded(String what) {
    return new ProblemException(unavailable(what), Map.of("Retry-After", RETRY_AFTER_SECONDS));
  }

  private static Problem unavailable(String what) {
    return Problem.of("overloaded", 503, "Service unavailable", what);
  }

  /** The same for want of the memory that is set aside for clients. */
  public static ProblemException noMemory() {
    return overloaded("the memory that is set aside for clients is in use").exceeds(Limit.MEMORY);
  }

  /** The same for want of memory for a body, which is not read then. */
  public static ProblemException tooManyBodies(long maxBytes) {
    return new ProblemException(
            unavailable(
                "the bodies of all requests in flight have more than "
                    + maxBytes
                    + " bytes together, which is the limit"),
            Map.of("Retry-After", RETRY_AFTER_SECONDS, "Connection", "close"))
        .exceeds(Limit.BODIES_BYTES);
  }

  /** RFC 9110, 15.5.22: what is here is a WebSocket. */
  public static ProblemException upgradeRequired() {
    return new ProblemException(
        upgradeRequired("this is a WebSocket, which begins with Upgrade: websocket"),
        Map.of("Upgrade", "websocket", "Connection", "Upgrade"));
  }

  /** The same for a version that is not spoken (RFC 6455, 4.2.2). */
  public static ProblemException webSocketVersion() {
    return new ProblemException(
        upgradeRequired("Sec-WebSocket-Version has to be 13"),
        Map.of("Upgrade", "websocket", "Connection", "Upgrade", "Sec-WebSocket-Version", "13"));
  }

  private static Problem upgradeRequired(String why) {
    return Problem.of("upgrade-required", 426, "Upgrade required", why);
  }

  /** HTTP/2 has no Upgrade (RFC 9113, 8.6), so no 426 either. */
  public static ProblemException noWebSocketHere() {
    return plain(
        Problem.of(
            "upgrade-required", 400, "Upgrade required", "a WebSocket begins over HTTP/1.1 here"));
  }

  /** RFC 6455, 4.2.1. */
  public static ProblemException badWebSocketKey() {
    return plain(
        Problem.of(
            "bad-request", 400, "Bad request", "Sec-WebSocket-Key has to be 16 bytes in base64"));
  }

  /** RFC 6455, 10.2. */
  public static ProblemException foreignOrigin(String origin) {
    return plain(
        Problem.of(
            "foreign-origin", 403, "Foreign origin", shown(origin) + " is not in ALLOWED_ORIGINS"));
  }

  /** The upstream gave no whole answer in time. */
  public static ProblemException upstreamTimeout(String why) {
    return plain(
        Problem.of("upstream-timeout", 504, "Upstream timeout", "the upstream gave " + why));
  }

  /** The upstream was not asked, so it is safe to try again. */
  public static ProblemException upstreamUnavailable(String why) {
    return new ProblemException(
        Problem.of(
            "upstream-unavailable",
            503,
            "Upstream unavailable",
            "the upstream was not asked: " + why),
        Map.of("Retry-After", RETRY_AFTER_SECONDS));
  }

  /** The upstream gave no usable answer. */
  public static ProblemException upstreamFailed(String why) {
    return plain(
        Problem.of("upstream-failed", 502, "Upstream failed", "the upstream call failed: " + why));
  }

  /** The database did not do it, for want of a connection or of a database; try again. */
  public static ProblemException databaseUnavailable(String why) {
    return new ProblemException(
        Problem.of("database-unavailable", 503, "Database unavailable", why),
        Map.of("Retry-After", RETRY_AFTER_SECONDS));
  }

  /** A statement took too long and was ended. */
  public static ProblemException databaseTimeout(String why) {
    return plain(Problem.of("database-timeout", 504, "Database timeout", why));
  }

  /** Says nothing of the cause, which is for the log. */
  public static ProblemException internal() {
    return plain(
        Problem.of(
            "internal", 500, "Internal error", "the server failed to answer; its log says why"));
  }

  private static ProblemException plain(Problem problem) {
    return new ProblemException(problem, Map.of());
  }

  /**
   * For requests whose rest was not read: what follows on the connection would be taken for a
   * request.
   */
  private static ProblemException closing(Problem problem) {
    return new ProblemException(problem, Map.of("Connection", "close"));
  }

  /**
   * A client's text, cut: an answer must not grow with the request. Half of a surrogate pair, as a
   * cut or an escape in JSON leaves it, cannot be written as UTF-8 and becomes a question mark.
   */
  public static String shown(String text) {
    String cut = text.length() <= SHOWN_CHARS ? text : text.substring(0, SHOWN_CHARS) + "…";
    return new String(cut.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
  }
}
