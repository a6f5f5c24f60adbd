package dev.handlermodels.database;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import dev.handlermodels.api.Limits;
import dev.handlermodels.api.admission.Cancellation;
import dev.handlermodels.api.database.ConnectionGate;
import dev.handlermodels.api.database.DatabaseAnswer;
import dev.handlermodels.api.database.DatabaseException;
import dev.handlermodels.api.database.PoolMetrics;
import dev.handlermodels.api.settings.DatabaseAddress;
import dev.handlermodels.api.settings.DatabaseSettings;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A pool of JDBC connections: HikariCP behind a {@link ConnectionGate}. The calling thread waits
 * for its turn, for a connection, and for the database. Safe for all threads.
 */
final class JdbcPool implements AutoCloseable {
  private static final long IDLE_MS = TimeUnit.MINUTES.toMillis(10);
  private static final long LIFE_MS = TimeUnit.MINUTES.toMillis(30);

  private final String name;
  private final DatabaseServer server;
  private final DatabaseSettings settings;
  private final ConnectionGate gate;
  private final PoolMetrics metrics;

  private final Set<Interruption> waiting = ConcurrentHashMap.newKeySet();

  /** Null before the first need. Written by one thread at a time. */
  private volatile HikariDataSource connections;

  /** Of these connections. */
  private volatile RetryingDataSource database;

  private volatile boolean closed;

  /**
   * @param name of the pool, in metrics and of its threads
   */
  JdbcPool(String name, DatabaseServer server, DatabaseSettings settings, MeterRegistry registry) {
    this.name = name;
    this.server = server;
    this.settings = settings;
    this.gate = ConnectionGate.of(settings);
    this.metrics = new PoolMetrics(registry, name, new State());
  }

  /** What is done with a connection. */
  interface Work<T> {
    T with(Connection connection, Cancelling cancelling) throws SQLException;
  }

  /**
   * Waits for a connection and for what is done with it.
   *
   * @throws DatabaseException where that fails
   * @throws RuntimeException the reason, where the work is no longer wanted
   */
  <T> DatabaseAnswer<T> use(Cancellation cancellation, Work<T> work) {
    long startNanos = System.nanoTime();
    try (ConnectionGate.Place place = gate.enter()) {
      await(place.turn(), cancellation, settings.acquireTimeoutMs());
      DatabaseAddress address =
          await(server.address(), cancellation, Limits.DATABASE_START_TIMEOUT_MS);
      try (Connection connection = acquire(address, cancellation)) {
        long acquiredNanos = System.nanoTime();
        metrics.acquired(acquiredNanos - startNanos);
        try {
          T value =
              Cancelling.around(cancellation, cancelling -> work.with(connection, cancelling));
          return new DatabaseAnswer<>(
              value,
              Thread.currentThread(),
              acquiredNanos - startNanos,
              System.nanoTime() - acquiredNanos);
        } finally {
          metrics.used(System.nanoTime() - acquiredNanos);
        }
      }
    } catch (SQLException e) {
      cancellation.throwIfCancelled();
      if (closed) {
        throw DatabaseException.unreachable(e);
      }
      DatabaseException failure = SqlStates.failure(e, settings);
      if (failure.kind() == DatabaseException.Kind.ACQUIRE_TIMEOUT) {
        metrics.timedOut();
      }
      throw failure;
    }
  }

  /** Waits for something that others bring about, no longer than allowed or wanted. */
  private <T> T await(CompletableFuture<T> event, Cancellation cancellation, int timeoutMs) {
    if (event.isDone() && !event.isCompletedExceptionally()) {
      return event.join();
    }
    CompletableFuture<T> own = event.copy(); // to be failed for this caller alone
    try (var _ = cancellation.onCancel(() -> own.completeExceptionally(cancellation.why()))) {
      return own.get(timeoutMs, TimeUnit.MILLISECONDS);
    } catch (TimeoutException _) {
      metrics.timedOut();
      throw DatabaseException.acquireTimeout(timeoutMs);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause
          ? cause
          : DatabaseException.unreachable(e.getCause());
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static RuntimeException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return DatabaseException.unreachable(e);
  }

  private Connection acquire(DatabaseAddress address, Cancellation cancellation)
      throws SQLException {
    HikariDataSource pool = connections;
    if (pool == null) {
      pool = open(address);
    }
    SQLException gone = database.failure();
    if (gone != null && isEmpty(pool)) {
      throw DatabaseException.unreachable(gone); // the pool goes on trying
    }
    try (Interruption interruption = new Interruption();
        var _ = cancellation.onCancel(interruption::now);
        var _ = waits(interruption)) {
      return pool.getConnection();
    } catch (SQLException e) {
      cancellation.throwIfCancelled();
      gone = database.failure();
      if (gone != null) {
        throw DatabaseException.unreachable(gone);
      }
      throw e;
    }
  }

  private static boolean isEmpty(HikariDataSource pool) {
    return pool.getHikariPoolMXBean().getTotalConnections() == 0;
  }

  private interface Leaving extends AutoCloseable {
    @Override
    void close();
  }

  private Leaving waits(Interruption caller) {
    waiting.add(caller);
    return () -> waiting.remove(caller);
  }

  /** The database cannot be reached: with no connection at all, waiting for one is in vain. */
  private void tellWaiting() {
    HikariDataSource pool = connections;
    if (pool != null && isEmpty(pool)) {
      waiting.forEach(Interruption::now);
    }
  }

  private synchronized HikariDataSource open(DatabaseAddress address) {
    if (closed) {
      throw DatabaseException.unreachable(null);
    }
    if (connections == null) {
      HikariConfig config = new HikariConfig();
      config.setPoolName("database-" + name);
      database = Jdbc.dataSource(address, settings.statementTimeoutMs(), this::tellWaiting);
      config.setDataSource(database);
      config.setMaximumPoolSize(settings.poolSize());
      config.setMinimumIdle(0); // opened when needed, as r2dbc-pool does
      config.setIdleTimeout(IDLE_MS);
      config.setMaxLifetime(LIFE_MS);
      config.setConnectionTimeout(settings.acquireTimeoutMs());
      config.setInitializationFailTimeout(-1); // its first caller learns that nobody is there
      connections = new HikariDataSource(config);
    }
    return connections;
  }

  private final class State implements PoolMetrics.Pool {
    @Override
    public int active() {
      HikariPoolMXBean pool = pool();
      return pool == null ? 0 : pool.getActiveConnections();
    }

    @Override
    public int idle() {
      HikariPoolMXBean pool = pool();
      return pool == null ? 0 : pool.getIdleConnections();
    }

    @Override
    public int waiting() {
      HikariPoolMXBean pool = pool();
      return gate.waiting() + (pool == null ? 0 : pool.getThreadsAwaitingConnection());
    }

    private HikariPoolMXBean pool() {
      HikariDataSource open = connections;
      return open == null || open.isClosed() ? null : open.getHikariPoolMXBean();
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (connections != null) {
      database.close();
      connections.close();
    }
  }
}
