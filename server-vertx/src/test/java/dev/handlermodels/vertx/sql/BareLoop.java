package dev.handlermodels.vertx.sql;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.handlermodels.api.settings.DatabaseAddress;
import dev.handlermodels.api.settings.Settings;
import dev.handlermodels.database.DatabaseServer;
import dev.handlermodels.database.Sql;
import io.r2dbc.pool.ConnectionPool;
import io.r2dbc.pool.ConnectionPoolConfiguration;
import io.r2dbc.postgresql.PostgresqlConnectionConfiguration;
import io.r2dbc.postgresql.PostgresqlConnectionFactory;
import io.r2dbc.spi.Statement;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.internal.VertxInternal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.postgresql.ds.PGSimpleDataSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * A driver and its pool in a loop, without any server: what {@code ./bench db} holds {@code /db}
 * against. Both drivers have as many connections, as many queries at once as there are connections,
 * the same statement and the same settings of the session. With HOLD_MS each query holds its
 * connection for so long.
 */
public final class BareLoop {
  private static final LongAdder QUERIES = new LongAdder();
  private static final int HOLD_MS = Integer.parseInt(System.getenv("HOLD_MS"));
  private static final boolean HELD = HOLD_MS > 0;
  private static final String ROW = HELD ? Sql.ROW_HELD : Sql.ROW;
  private static final String NUMBERED_ROW = Sql.numbered(ROW);
  private static final Map<String, String> SESSION = Sql.session(15_000);

  private BareLoop() {}

  public static void main(String[] args) throws Exception {
    String driver = args[0];
    int size = Integer.parseInt(System.getenv("POOL"));
    Map<String, String> where = Map.of("DATABASE_URL", System.getenv("DATABASE_URL"));
    try (DatabaseServer server = new DatabaseServer(Settings.fromEnvironment(where).database())) {
      DatabaseAddress address = server.address().get(); // and it has its tables
      if (driver.equals("jdbc")) {
        beginJdbc(address, size);
      } else {
        beginR2dbc(address, size);
      }
      Thread.sleep(Long.parseLong(System.getenv("WARMUP_MS")));
      long before = QUERIES.sum();
      long fromNs = System.nanoTime();
      Thread.sleep(Long.parseLong(System.getenv("WINDOW_MS")));
      double perSecond = (QUERIES.sum() - before) * 1e9 / (System.nanoTime() - fromNs);
      Files.writeString(
          Path.of(System.getenv("OUTCOME")),
          String.format(
              Locale.ROOT,
              "{\"driver\":\"%s\",\"pool\":%s,\"holdMs\":%s,\"perSecond\":%s}",
              driver,
              size,
              HOLD_MS,
              perSecond));
    }
    System.exit(0);
  }

  /** HikariCP and pgjdbc on as many threads as there are connections. */
  private static void beginJdbc(DatabaseAddress address, int size) {
    StringBuilder options = new StringBuilder();
    SESSION.forEach((name, value) -> options.append("-c ").append(name + "=" + value + " "));
    PGSimpleDataSource database = new PGSimpleDataSource();
    database.setServerNames(new String[] {address.host()});
    database.setPortNumbers(new int[] {address.port()});
    database.setDatabaseName(address.name());
    database.setUser(address.user());
    database.setPassword(address.password());
    database.setOptions(options.toString().strip());
    HikariConfig config = new HikariConfig();
    config.setDataSource(database);
    config.setMaximumPoolSize(size);
    HikariDataSource connections = new HikariDataSource(config);
    for (int i = 0; i < size; i++) {
      Thread.ofPlatform().daemon().start(() -> askForEver(connections));
    }
  }

  private static void askForEver(HikariDataSource connections) {
    while (true) {
      try (Connection connection = connections.getConnection();
          PreparedStatement query = connection.prepareStatement(ROW)) {
        if (HELD) {
          query.setDouble(1, HOLD_MS / 1000.0);
        }
        query.setInt(HELD ? 2 : 1, Sql.anyRow());
        try (ResultSet found = query.executeQuery()) {
          found.next();
          found.getInt(1);
          found.getString(2);
        }
        QUERIES.increment();
      } catch (SQLException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** r2dbc-pool and r2dbc-postgresql on one event loop of Vert.x. */
  private static void beginR2dbc(DatabaseAddress address, int size) {
    VertxOptions options = new VertxOptions().setEventLoopPoolSize(1);
    Vertx vertx = Vertx.vertx(options.setPreferNativeTransport(true));
    PostgresqlConnectionConfiguration database =
        PostgresqlConnectionConfiguration.builder()
            .host(address.host())
            .port(address.port())
            .database(address.name())
            .username(address.user())
            .password(address.password())
            .options(SESSION)
            .loopResources(new VertxLoops((VertxInternal) vertx))
            .build();
    ConnectionPool connections =
        new ConnectionPool(
            ConnectionPoolConfiguration.builder(new PostgresqlConnectionFactory(database))
                .initialSize(size)
                .maxSize(size)
                .allocatorSubscribeOn(Schedulers.immediate())
                .build());
    for (int i = 0; i < size; i++) {
      ask(connections);
    }
  }

  private static void ask(ConnectionPool connections) {
    Flux.usingWhen(connections.create(), BareLoop::row, connection -> Mono.from(connection.close()))
        .subscribe(_ -> QUERIES.increment(), Throwable::printStackTrace, () -> ask(connections));
  }

  private static Flux<String> row(io.r2dbc.spi.Connection connection) {
    Statement query = connection.createStatement(NUMBERED_ROW);
    if (HELD) {
      query.bind(0, HOLD_MS / 1000.0);
    }
    query.bind(HELD ? 1 : 0, Sql.anyRow());
    return Flux.from(query.execute())
        .flatMap(result -> result.map(row -> row.get(0, Integer.class) + row.get(1, String.class)));
  }
}
