package dev.handlermodels.api.database;

import dev.handlermodels.api.telemetry.NamedFailure;
import java.util.Locale;

/**
 * A database that did not answer. Its message is for clients: it names no address, no user and no
 * statement.
 */
public final class DatabaseException extends RuntimeException implements NamedFailure {
  private static final long serialVersionUID = 1L;

  /** Why there is no answer. */
  public enum Kind {
    /** There is none: DATABASE_URL is unset where none can be embedded. */
    ABSENT,
    /** No connection could be made. */
    UNREACHABLE,
    /** The connection ended before the answer was whole. */
    LOST,
    /** Too many callers wait for a connection already. */
    FULL,
    /** No connection became free in time. */
    ACQUIRE_TIMEOUT,
    /** A statement took too long. */
    STATEMENT_TIMEOUT
  }

  private final Kind kind;

  public DatabaseException(Kind kind, String message, Throwable cause) {
    super(message, cause, false, false);
    this.kind = kind;
  }

  public DatabaseException(Kind kind, String message) {
    this(kind, message, null);
  }

  public static DatabaseException acquireTimeout(int timeoutMs) {
    return new DatabaseException(
        Kind.ACQUIRE_TIMEOUT, "no connection to the database was free within " + timeoutMs + " ms");
  }

  public static DatabaseException statementTimeout(int timeoutMs) {
    return new DatabaseException(
        Kind.STATEMENT_TIMEOUT, "the database took more than " + timeoutMs + " ms for a statement");
  }

  public static DatabaseException unreachable(Throwable cause) {
    return new DatabaseException(Kind.UNREACHABLE, "the database cannot be reached", cause);
  }

  public static DatabaseException lost(Throwable cause) {
    return new DatabaseException(Kind.LOST, "the connection to the database was lost", cause);
  }

  public Kind kind() {
    return kind;
  }

  @Override
  public String errorType() {
    return kind.name().toLowerCase(Locale.ROOT);
  }
}
