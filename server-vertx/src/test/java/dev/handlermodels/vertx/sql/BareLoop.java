package dev.handlermodels.vertx.sql;

import dev.handlermodels.api.settings.DatabaseAddress;
import dev.handlermodels.api.settings.Settings;
import dev.handlermodels.database.DatabaseServer;
import dev.handlermodels.database.Sql;
import io.r2dbc.pool.ConnectionPool;
import io.r2dbc.pool.ConnectionPoolConfiguration;
import io.r2dbc.postgresql.PostgresqlConnectionConfiguration;
import io.r2dbc.postgresql.PostgresqlConnectionFactory;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.internal.VertxInternal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * r2dbc-pool and r2dbc-postgresql in a loop on one event loop of Vert.x, as many queries at once as
 * there are connections, without any server: what {@code ./bench db} holds {@code /db} against.
 */
public final class BareLoop {
  private static final AtomicLong QUERIES = new AtomicLong();
  private static final String ROW = Sql.numbered(Sql.ROW);

  private BareLoop() {}

  public static void main(String[] args) throws Exception {
    String url = System.getenv("DATABASE_URL");
    int size = Integer.parseInt(System.getenv("POOL"));
    try (DatabaseServer server =
        new DatabaseServer(Settings.fromEnvironment(Map.of("DATABASE_URL", url)).database())) {
      Vertx vertx =
          Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1).setPreferNativeTransport(true));
      ConnectionPool pool = pool(server.address().get(), (VertxInternal) vertx, size);
      for (int i = 0; i < size; i++) {
        loop(pool);
      }
      Thread.sleep(Long.parseLong(System.getenv("WARMUP_MS")));
      long before = QUERIES.get();
      long fromNs = System.nanoTime();
      Thread.sleep(Long.parseLong(System.getenv("WINDOW_MS")));
      double perSecond = (QUERIES.get() - before) * 1e9 / (System.nanoTime() - fromNs);
      Files.writeString(
          Path.of(System.getenv("OUTCOME")),
          "{\"driver\":\"r2dbc\",\"pool\":" + size + ",\"perSecond\":" + perSecond + "}");
    }
    System.exit(0);
  }

  private static ConnectionPool pool(DatabaseAddress address, VertxInternal vertx, int size) {
    return new ConnectionPool(
        ConnectionPoolConfiguration.builder(
                new PostgresqlConnectionFactory(
                    PostgresqlConnectionConfiguration.builder()
                        .host(address.host())
                        .port(address.port())
                        .database(address.name())
                        .username(address.user())
                        .password(address.password())
                        .loopResources(new VertxLoops(vertx))
                        .build()))
            .initialSize(size)
            .maxSize(size)
            .allocatorSubscribeOn(Schedulers.immediate())
            .build());
  }

  private static void loop(ConnectionPool pool) {
    Flux.usingWhen(
            pool.create(),
            connection ->
                Flux.from(connection.createStatement(ROW).bind(0, Sql.anyRow()).execute())
                    .flatMap(
                        result ->
                            result.map(
                                row -> row.get(0, Integer.class) + row.get(1, String.class))),
            connection -> Mono.from(connection.close()))
        .subscribe(
            _ -> QUERIES.incrementAndGet(),
            Throwable::printStackTrace,
            () -> pool.getMetrics().ifPresent(_ -> loop(pool)));
  }
}
