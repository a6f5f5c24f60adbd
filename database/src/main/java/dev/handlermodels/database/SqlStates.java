package dev.handlermodels.database;

import dev.handlermodels.api.database.DatabaseException;
import dev.handlermodels.api.settings.DatabaseSettings;
import java.net.SocketTimeoutException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.Optional;

/** What the codes of PostgreSQL mean to a client. */
public final class SqlStates {
  private static final String QUERY_CANCELED = "57014";

  /** Being shut down, crashed, starting up: 57P01 to 57P03. */
  private static final String GOING_OR_COMING = "57P0";

  private static final String CONNECTION_EXCEPTION = "08";
  private static final String TOO_MANY_CONNECTIONS = "53300";

  private SqlStates() {}

  /**
   * The failure for a code, where it is the connection's or the statement's; empty where it can
   * only be a fault of ours.
   *
   * @param state as SQLSTATE has it; null where there is none
   */
  public static Optional<DatabaseException> failure(
      String state, Throwable cause, DatabaseSettings settings) {
    if (state == null) {
      return Optional.empty();
    }
    if (state.equals(QUERY_CANCELED)) {
      return Optional.of(DatabaseException.statementTimeout(settings.statementTimeoutMs()));
    }
    if (state.equals(TOO_MANY_CONNECTIONS)) {
      return Optional.of(DatabaseException.unreachable(cause));
    }
    return state.startsWith(CONNECTION_EXCEPTION) || state.startsWith(GOING_OR_COMING)
        ? Optional.of(DatabaseException.lost(cause))
        : Optional.empty();
  }

  /**
   * The same for what JDBC or its pool threw.
   *
   * @throws IllegalStateException where it can only be a fault of ours
   */
  static DatabaseException failure(SQLException thrown, DatabaseSettings settings) {
    if (thrown instanceof SQLTransientConnectionException) { // HikariCP's: it had none to give
      return thrown.getCause() == null
          ? DatabaseException.acquireTimeout(settings.acquireTimeoutMs())
          : DatabaseException.unreachable(thrown);
    }
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof SocketTimeoutException) {
        return DatabaseException.statementTimeout(settings.statementTimeoutMs());
      }
    }
    return failure(thrown.getSQLState(), thrown, settings)
        .orElseThrow(() -> new IllegalStateException("a statement failed", thrown));
  }
}
