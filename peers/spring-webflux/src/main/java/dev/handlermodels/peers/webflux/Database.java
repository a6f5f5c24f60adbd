package dev.handlermodels.peers.webflux;

import dev.handlermodels.api.settings.DatabaseAddress;
import dev.handlermodels.api.settings.DatabaseSettings;
import dev.handlermodels.api.settings.Settings;
import dev.handlermodels.database.DatabaseServer;
import dev.handlermodels.database.Sql;
import io.r2dbc.pool.ConnectionPool;
import io.r2dbc.pool.ConnectionPoolConfiguration;
import io.r2dbc.postgresql.PostgresqlConnectionConfiguration;
import io.r2dbc.postgresql.PostgresqlConnectionFactory;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.Statement;
import java.time.Duration;
import java.util.List;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * R2DBC with its pool: no thread waits. The tables, the statements and the PostgreSQL are those of
 * this project; callers wait inside the pool.
 */
@Component
class Database implements DisposableBean {
  private static final double MS_PER_SECOND = 1000;
  private static final String ROW = Sql.numbered(Sql.ROW);
  private static final String ROW_HELD = Sql.numbered(Sql.ROW_HELD);

  private final DatabaseSettings settings = Settings.fromEnvironment(System.getenv()).database();
  private final DatabaseServer server = new DatabaseServer(settings);

  /** Null before the first need. */
  private volatile ConnectionPool pool;

  record Row(int id, String content) {}

  /** Comes when the database runs, a connection is free, and each row is there. */
  Mono<List<Row>> rows(int queries, int holdMs) {
    return Mono.fromFuture(server.address(), true)
        .map(this::pool)
        .flatMap(
            connections ->
                DatabaseClient.create(connections)
                    .inConnectionMany(connection -> rows(connection, queries, holdMs))
                    .collectList());
  }

  private static Flux<Row> rows(Connection connection, int queries, int holdMs) {
    return Flux.range(0, queries)
        .concatMap(_ -> asked(connection, holdMs).execute())
        .concatMap(
            result ->
                result.map(row -> new Row(row.get(0, Integer.class), row.get(1, String.class))));
  }

  private static Statement asked(Connection connection, int holdMs) {
    return holdMs > 0
        ? connection.createStatement(ROW_HELD).bind(0, holdMs / MS_PER_SECOND).bind(1, Sql.anyRow())
        : connection.createStatement(ROW).bind(0, Sql.anyRow());
  }

  private ConnectionPool pool(DatabaseAddress address) {
    ConnectionPool open = pool;
    return open == null ? open(address) : open;
  }

  private synchronized ConnectionPool open(DatabaseAddress address) {
    if (pool == null) {
      PostgresqlConnectionConfiguration database =
          PostgresqlConnectionConfiguration.builder()
              .host(address.host())
              .port(address.port())
              .database(address.name())
              .username(address.user())
              .password(address.password())
              .build();
      pool =
          new ConnectionPool(
              ConnectionPoolConfiguration.builder(new PostgresqlConnectionFactory(database))
                  .initialSize(0)
                  .maxSize(settings.poolSize())
                  .maxAcquireTime(Duration.ofMillis(settings.acquireTimeoutMs()))
                  .build());
    }
    return pool;
  }

  @Override
  public synchronized void destroy() {
    if (pool != null) {
      pool.dispose();
    }
    server.close();
  }
}
