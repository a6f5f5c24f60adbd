package dev.handlermodels.api.upstream;

import dev.handlermodels.api.Aggregate;
import dev.handlermodels.api.telemetry.NamedFailure;
import java.util.Locale;

/** An upstream call that brought no usable answer. The kind decides between 502, 503 and 504. */
public final class UpstreamException extends RuntimeException implements NamedFailure {
  private static final long serialVersionUID = 1L;

  /** Why there is no answer. */
  public enum Kind {
    /** No connection could be made. */
    UNREACHABLE,
    /** The connection ended before a byte of the answer; it may have been a stale one. */
    LOST,
    /** The connection broke before the answer was whole. */
    BROKEN,
    /** An answer came, but no usable one: another status than 200, or not the JSON expected. */
    BAD_ANSWER,
    /** No whole answer within the time allowed. */
    TIMEOUT,
    /** The call was not made: the circuit breaker is open, or there is no room for another. */
    NOT_ASKED
  }

  private final Kind kind;

  /** Whether it befalls every call that is still under way. */
  private final boolean ofAll;

  public UpstreamException(Kind kind, String message, Throwable cause) {
    this(kind, message, cause, false);
  }

  private UpstreamException(Kind kind, String message, Throwable cause, boolean ofAll) {
    super(message, cause, false, false);
    this.kind = kind;
    this.ofAll = ofAll;
  }

  public UpstreamException(Kind kind, String message) {
    this(kind, message, null);
  }

  public static UpstreamException timeout(int timeoutMs) {
    return new UpstreamException(Kind.TIMEOUT, "no answer within " + timeoutMs + " ms");
  }

  /** Several calls that had one deadline together. */
  public static UpstreamException timeoutOfAll(int timeoutMs) {
    return new UpstreamException(
        Kind.TIMEOUT, "not all of the answers within " + timeoutMs + " ms", null, true);
  }

  boolean isOfAll() {
    return ofAll;
  }

  /** The same failure, named after the one of several services that it came from. */
  public UpstreamException of(Aggregate.Backend backend) {
    return new UpstreamException(kind, getMessage() + " (" + backend.label() + ")", getCause());
  }

  public Kind kind() {
    return kind;
  }

  @Override
  public String errorType() {
    return kind.name().toLowerCase(Locale.ROOT);
  }
}
