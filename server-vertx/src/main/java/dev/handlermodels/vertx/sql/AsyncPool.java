package dev.handlermodels.vertx.sql;

import dev.handlermodels.api.Limits;
import dev.handlermodels.api.admission.Cancellation;
import dev.handlermodels.api.database.ConnectionGate;
import dev.handlermodels.api.database.DatabaseAnswer;
import dev.handlermodels.api.database.DatabaseException;
import dev.handlermodels.api.database.PoolMetrics;
import dev.handlermodels.api.settings.DatabaseAddress;
import dev.handlermodels.api.settings.DatabaseSettings;
import dev.handlermodels.database.DatabaseServer;
import dev.handlermodels.database.Sql;
import io.micrometer.core.instrument.MeterRegistry;
import io.r2dbc.pool.ConnectionPool;
import io.r2dbc.pool.ConnectionPoolConfiguration;
import io.r2dbc.postgresql.PostgresqlConnectionConfiguration;
import io.r2dbc.postgresql.PostgresqlConnectionFactory;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.R2dbcTimeoutException;
import io.r2dbc.spi.ValidationDepth;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.pool.PooledRefMetadata;

/**
 * A pool of R2DBC connections behind a {@link ConnectionGate}. No thread waits: not for its turn,
 * not for a connection, not for the database. Safe for all event loops.
 */
public final class AsyncPool implements AutoCloseable {
  private static final Duration IDLE = Duration.ofMinutes(10);
  private static final Duration LIFE = Duration.ofMinutes(30);
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(2);

  private final VertxInternal vertx;
  private final DatabaseServer server;
  private final DatabaseSettings settings;
  private final ConnectionGate gate;
  private final PoolMetrics metrics;
  private final Set<AsyncConnection> inUse = ConcurrentHashMap.newKeySet();

  /** Null before the first need. */
  private volatile ConnectionPool connections;

  private boolean closed;

  public AsyncPool(
      VertxInternal vertx,
      DatabaseServer server,
      DatabaseSettings settings,
      MeterRegistry registry) {
    this.vertx = vertx;
    this.server = server;
    this.settings = settings;
    this.gate = ConnectionGate.of(settings);
    this.metrics = new PoolMetrics(registry, "r2dbc", new State());
  }

  /** What is done with a connection. */
  public interface Work<T> extends Function<AsyncConnection, Future<T>> {}

  /**
   * Does something with a connection when there is one, and gives it back.
   *
   * @return failed with a {@link DatabaseException}, or with the reason for which the work is no
   *     longer wanted
   */
  public <T> Future<DatabaseAnswer<T>> use(Cancellation cancellation, Work<T> work) {
    long startNanos = System.nanoTime();
    ContextInternal context = vertx.getOrCreateContext();
    ConnectionGate.Place place;
    try {
      place = gate.enter();
    } catch (DatabaseException full) {
      return context.failedFuture(full);
    }
    return turn(place, cancellation, context)
        .compose(_ -> address(cancellation, context))
        .compose(address -> acquire(address, context))
        .compose(
            connection -> {
              long acquiredNanos = System.nanoTime();
              metrics.acquired(acquiredNanos - startNanos);
              AsyncConnection used =
                  new AsyncConnection(connection, context, settings.statementTimeoutMs());
              inUse.add(used);
              return used.use(cancellation, work)
                  .onComplete(
                      _ -> {
                        inUse.remove(used);
                        metrics.used(System.nanoTime() - acquiredNanos);
                      })
                  .map(
                      value ->
                          new DatabaseAnswer<>(
                              value,
                              null,
                              acquiredNanos - startNanos,
                              System.nanoTime() - acquiredNanos));
            })
        .onComplete(_ -> place.close())
        .recover(failure -> context.failedFuture(meant(failure, cancellation)));
  }

  private Future<Void> turn(
      ConnectionGate.Place place, Cancellation cancellation, ContextInternal context) {
    if (place.turn().isDone()) {
      return context.succeededFuture();
    }
    var registration = cancellation.onCancel(() -> place.giveUp(cancellation.why()));
    int timeoutMs = settings.acquireTimeoutMs();
    long deadline =
        vertx.setTimer(timeoutMs, _ -> place.giveUp(DatabaseException.acquireTimeout(timeoutMs)));
    return Future.fromCompletionStage(place.turn(), context)
        .onComplete(
            _ -> {
              vertx.cancelTimer(deadline);
              registration.close();
            });
  }

  /** Where the database is, once it runs. The first time that takes seconds. */
  private Future<DatabaseAddress> address(Cancellation cancellation, ContextInternal context) {
    CompletableFuture<DatabaseAddress> address = server.address();
    if (address.isDone() && !address.isCompletedExceptionally()) {
      return context.succeededFuture(address.join());
    }
    CompletableFuture<DatabaseAddress> own = address.copy(); // to be failed for this caller alone
    var registration = cancellation.onCancel(() -> own.completeExceptionally(cancellation.why()));
    long deadline =
        vertx.setTimer(
            Limits.DATABASE_START_TIMEOUT_MS,
            _ -> own.completeExceptionally(DatabaseException.unreachable(null)));
    return Future.fromCompletionStage(own, context)
        .onComplete(
            _ -> {
              vertx.cancelTimer(deadline);
              registration.close();
            });
  }

  /** Behind the gate there is one, or one can be made, within the driver's time. */
  private Future<Connection> acquire(DatabaseAddress address, ContextInternal context) {
    ConnectionPool open = connections;
    return open != null
        ? acquire(open, context)
        // It loads a thousand classes, which would keep the loop for half a second.
        : context
            .executeBlocking(() -> openFirst(address), false)
            .compose(opened -> acquire(opened, context));
  }

  private Future<Connection> acquire(ConnectionPool open, ContextInternal context) {
    Promise<Connection> connection = context.promise();
    open.create().subscribe(connection::complete, connection::fail);
    return connection
        .future()
        .recover(
            failure ->
                context.failedFuture(
                    failure instanceof R2dbcTimeoutException
                        ? DatabaseException.acquireTimeout(settings.acquireTimeoutMs())
                        : DatabaseException.unreachable(failure)));
  }

  private synchronized ConnectionPool openFirst(DatabaseAddress address) {
    if (closed) {
      throw DatabaseException.unreachable(null);
    }
    if (connections == null) {
      Duration connectTimeout = Duration.ofMillis(Limits.DATABASE_CONNECT_TIMEOUT_MS);
      PostgresqlConnectionConfiguration where =
          PostgresqlConnectionConfiguration.builder()
              .host(address.host())
              .port(address.port())
              .database(address.name())
              .username(address.user())
              .password(address.password())
              .applicationName("handler-models")
              .connectTimeout(connectTimeout)
              .tcpKeepAlive(true)
              .tcpNoDelay(true)
              .options(Sql.session(settings.statementTimeoutMs()))
              .loopResources(new VertxLoops(vertx))
              .build();
      ConnectionPoolConfiguration.Builder pool =
          ConnectionPoolConfiguration.builder(new PostgresqlConnectionFactory(where))
              .initialSize(0)
              .maxSize(settings.poolSize())
              .maxCreateConnectionTime(connectTimeout)
              .acquireRetry(0)
              .allocatorSubscribeOn(Schedulers.immediate()) // not on a thread of Reactor's
              .backgroundEvictionInterval(Duration.ZERO)
              .customizer(builder -> builder.evictionPredicate(AsyncPool::isOldOrDead));
      if (!settings.gate()) {
        pool.maxAcquireTime(Duration.ofMillis(settings.acquireTimeoutMs()));
      }
      connections = new ConnectionPool(pool.build());
    }
    return connections;
  }

  /** Asked before a connection is handed out, so that a restarted database is no failure. */
  private static boolean isOldOrDead(Connection connection, PooledRefMetadata about) {
    boolean old = about.idleTime() >= IDLE.toMillis() || about.lifeTime() >= LIFE.toMillis();
    // Only looks whether its socket is open, here and now.
    return old || !Mono.from(connection.validate(ValidationDepth.LOCAL)).toFuture().getNow(false);
  }

  private Throwable meant(Throwable failure, Cancellation cancellation) {
    if (cancellation.isCancelled()) {
      return cancellation.why();
    }
    if (failure instanceof DatabaseException known
        && known.kind() == DatabaseException.Kind.ACQUIRE_TIMEOUT) {
      metrics.timedOut();
    }
    return failure instanceof DatabaseException ? failure : SqlFailures.of(failure, settings);
  }

  private final class State implements PoolMetrics.Pool {
    @Override
    public int active() {
      return count(io.r2dbc.pool.PoolMetrics::acquiredSize);
    }

    @Override
    public int idle() {
      return count(io.r2dbc.pool.PoolMetrics::idleSize);
    }

    @Override
    public int waiting() {
      return gate.waiting() + count(io.r2dbc.pool.PoolMetrics::pendingAcquireSize);
    }

    private int count(Function<io.r2dbc.pool.PoolMetrics, Integer> what) {
      ConnectionPool open = connections;
      return open == null ? 0 : open.getMetrics().map(what).orElse(0);
    }
  }

  /** To be called while the loops run, which close its connections; those in use as well. */
  @Override
  public synchronized void close() {
    closed = true;
    if (connections != null) {
      inUse.forEach(AsyncConnection::close);
      Mono<Void> idle = connections.disposeLater();
      idle.onErrorComplete().block(CLOSE_TIMEOUT);
    }
  }
}
