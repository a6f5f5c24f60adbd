package dev.handlermodels.contracttests;

import dev.handlermodels.api.settings.DatabaseAddress;
import dev.handlermodels.database.EmbeddedServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * One PostgreSQL for all tests, started when the first one needs it. It ends with the process of
 * the tests.
 */
final class TestDatabase {
  private static EmbeddedServer server;
  private static Connection connection;

  private TestDatabase() {}

  static synchronized EmbeddedServer server() {
    if (server == null) {
      try {
        server = EmbeddedServer.start();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return server;
  }

  static String url() {
    DatabaseAddress address = server().address();
    return "postgresql://" + address.user() + ":" + address.password() + "@" + address;
  }

  /** The settings of a server that uses it, with others beside. */
  static Map<String, String> settings(Map<String, String> others) {
    Map<String, String> settings = new HashMap<>(others);
    settings.put("DATABASE_URL", url());
    return settings;
  }

  /** Statements of servers under test that run there now. */
  static int running() {
    return (int)
        number(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'handler-models'"
                + " AND state = 'active' AND query LIKE '%pg_sleep%'");
  }

  /** What the counter is. */
  static long counter() {
    return number("SELECT value FROM handler_models.counter WHERE id = 1");
  }

  /** How many tasks are so. */
  static long tasks(String condition) {
    return number("SELECT count(*) FROM handler_models.task WHERE " + condition);
  }

  /** A statement that changes something. */
  static synchronized void change(String statement) {
    number("WITH changed AS (" + statement + " RETURNING 1) SELECT count(*) FROM changed");
  }

  /** On one connection for all tests, made again after the database has been killed. */
  private static synchronized long number(String query) {
    try {
      if (connection == null || !connection.isValid(1)) {
        connection = connect();
      }
      try (Statement statement = connection.createStatement();
          ResultSet found = statement.executeQuery(query)) {
        found.next();
        return found.getLong(1);
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Connection connect() throws SQLException {
    DatabaseAddress address = server().address();
    PGSimpleDataSource database = new PGSimpleDataSource();
    database.setServerNames(new String[] {address.host()});
    database.setPortNumbers(new int[] {address.port()});
    database.setDatabaseName(address.name());
    database.setUser(address.user());
    database.setPassword(address.password());
    database.setApplicationName("test");
    return database.getConnection();
  }
}
