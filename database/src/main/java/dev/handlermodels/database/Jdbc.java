package dev.handlermodels.database;

import dev.handlermodels.api.Limits;
import dev.handlermodels.api.settings.DatabaseAddress;
import org.postgresql.ds.PGSimpleDataSource;

/** How the driver is told where the database is. */
final class Jdbc {
  private static final int MS_PER_SECOND = 1000;
  private static final int CONNECT_TIMEOUT_SECONDS =
      Limits.DATABASE_CONNECT_TIMEOUT_MS / MS_PER_SECOND;

  /** For the database's own word that it ended a statement to arrive. */
  private static final int BEYOND_STATEMENT_SECONDS = 2;

  private Jdbc() {}

  /** Connections whose statements may take as long as they like. */
  static PGSimpleDataSource dataSource(DatabaseAddress address) {
    PGSimpleDataSource database = new PGSimpleDataSource();
    tell(database, address);
    return database;
  }

  private static void tell(PGSimpleDataSource database, DatabaseAddress address) {
    database.setServerNames(new String[] {address.host()});
    database.setPortNumbers(new int[] {address.port()});
    database.setDatabaseName(address.name());
    database.setUser(address.user());
    database.setPassword(address.password());
    database.setConnectTimeout(CONNECT_TIMEOUT_SECONDS);
    database.setLoginTimeout(CONNECT_TIMEOUT_SECONDS);
    database.setCancelSignalTimeout(CONNECT_TIMEOUT_SECONDS);
    database.setTcpKeepAlive(true);
    database.setApplicationName("handler-models");
  }

  /**
   * Connections whose statements the database ends after that time; where it does not do even that,
   * the connection is given up soon after.
   *
   * @param failed told of each attempt to connect that failed
   */
  static RetryingDataSource dataSource(
      DatabaseAddress address, int statementTimeoutMs, Runnable failed) {
    RetryingDataSource database = new RetryingDataSource(failed);
    tell(database, address);
    StringBuilder options = new StringBuilder();
    Sql.session(statementTimeoutMs)
        .forEach(
            (name, value) ->
                options.append("-c ").append(name).append('=').append(value).append(' '));
    database.setOptions(options.toString().strip());
    database.setSocketTimeout(
        Math.ceilDiv(statementTimeoutMs, MS_PER_SECOND) + BEYOND_STATEMENT_SECONDS);
    return database;
  }
}
