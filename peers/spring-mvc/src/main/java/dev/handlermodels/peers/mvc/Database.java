package dev.handlermodels.peers.mvc;

import com.zaxxer.hikari.HikariDataSource;
import dev.handlermodels.api.settings.DatabaseAddress;
import dev.handlermodels.api.settings.DatabaseSettings;
import dev.handlermodels.api.settings.Settings;
import dev.handlermodels.database.DatabaseServer;
import dev.handlermodels.database.Sql;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/**
 * JDBC with HikariCP on the caller's thread, whatever kind that is. The tables, the statements and
 * the PostgreSQL are those of this project; callers wait inside the pool.
 */
@Component
class Database implements DisposableBean {
  private static final double MS_PER_SECOND = 1000;

  private final DatabaseSettings settings = Settings.fromEnvironment(System.getenv()).database();
  private final DatabaseServer server = new DatabaseServer(settings);

  /** Null before the first need. */
  private volatile HikariDataSource pool;

  record Row(int id, String content) {}

  /** Waits for the database to run, for a connection, and for each row. */
  List<Row> rows(int queries, int holdMs) {
    DataSource connections = pool(server.address().join());
    return new JdbcTemplate(connections)
        .execute((ConnectionCallback<List<Row>>) connection -> rows(connection, queries, holdMs));
  }

  private static List<Row> rows(Connection connection, int queries, int holdMs)
      throws SQLException {
    List<Row> rows = new ArrayList<>(queries);
    boolean held = holdMs > 0;
    try (PreparedStatement query = connection.prepareStatement(held ? Sql.ROW_HELD : Sql.ROW)) {
      for (int i = 0; i < queries; i++) {
        if (held) {
          query.setDouble(1, holdMs / MS_PER_SECOND);
        }
        query.setInt(held ? 2 : 1, Sql.anyRow());
        try (ResultSet found = query.executeQuery()) {
          found.next();
          rows.add(new Row(found.getInt(1), found.getString(2)));
        }
      }
    }
    return rows;
  }

  private DataSource pool(DatabaseAddress address) {
    HikariDataSource open = pool;
    return open == null ? open(address) : open;
  }

  private synchronized DataSource open(DatabaseAddress address) {
    if (pool == null) {
      PGSimpleDataSource database = new PGSimpleDataSource();
      database.setServerNames(new String[] {address.host()});
      database.setPortNumbers(new int[] {address.port()});
      database.setDatabaseName(address.name());
      database.setUser(address.user());
      database.setPassword(address.password());
      HikariDataSource opened = new HikariDataSource(); // connects when the first caller comes
      opened.setDataSource(database);
      opened.setMaximumPoolSize(settings.poolSize());
      opened.setConnectionTimeout(settings.acquireTimeoutMs());
      pool = opened;
    }
    return pool;
  }

  @Override
  public synchronized void destroy() {
    if (pool != null) {
      pool.close();
    }
    server.close();
  }
}
