package dev.handlermodels.database;

import dev.handlermodels.api.Query;
import dev.handlermodels.api.Results;
import dev.handlermodels.api.admission.Cancellation;
import dev.handlermodels.api.database.DatabaseAnswer;
import dev.handlermodels.api.launch.Service;
import dev.handlermodels.api.settings.TaskSettings;
import dev.handlermodels.api.work.WorkerPool;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * The database by JDBC, on the caller's thread or on a worker: the same in all three servers, which
 * differ in who the caller is. The ceiling is DATABASE_POOL_SIZE / the time that a call holds its
 * connection, whoever waits for it.
 */
public final class DatabaseCalls implements AutoCloseable {
  private static final double MS_PER_SECOND = 1000;

  private final DatabaseServer server;
  private final JdbcPool pool;
  private final WorkerPool workers;

  /** Null unless DATABASE_READINESS. */
  private final Reachability reachability;

  private DatabaseCalls(Service service) {
    this.server = new DatabaseServer(service.settings().database());
    this.pool = new JdbcPool("jdbc", server, service.settings().database(), service.registry());
    if (service.settings().tasks().store() == TaskSettings.Store.POSTGRES) {
      service.tasksIn(
          new PostgresTasks(service.server(), server, service.settings(), service.registry()));
    }
    this.workers = service.workers();
    this.reachability = service.settings().database().readiness() ? new Reachability(server) : null;
    if (reachability != null) {
      service.needs(reachability::isReached, "the database cannot be reached");
    }
  }

  /** Connects to nothing yet, unless readiness needs it. */
  public static DatabaseCalls open(Service service) {
    return new DatabaseCalls(service);
  }

  /** Where the database is. */
  public DatabaseServer server() {
    return server;
  }

  /** Waits on the calling thread, whatever kind of thread that is. */
  public DatabaseAnswer<List<Results.Row>> rows(Query.Rows asked, Cancellation cancellation) {
    return pool.use(cancellation, (connection, cancelling) -> rows(asked, connection, cancelling));
  }

  private static List<Results.Row> rows(
      Query.Rows asked, Connection connection, Cancelling cancelling) throws SQLException {
    List<Results.Row> rows = new ArrayList<>(asked.queries());
    boolean held = asked.holdMs() > 0;
    try (PreparedStatement query = connection.prepareStatement(held ? Sql.ROW_HELD : Sql.ROW)) {
      for (int i = 0; i < asked.queries(); i++) {
        if (held) {
          query.setDouble(1, asked.holdMs() / MS_PER_SECOND);
        }
        query.setInt(held ? 2 : 1, Sql.anyRow());
        cancelling.next(query);
        try (ResultSet found = query.executeQuery()) {
          found.next();
          rows.add(new Results.Row(found.getInt(1), found.getString(2)));
        }
      }
    }
    return rows;
  }

  /**
   * Waits on a thread of the worker pool.
   *
   * @throws java.util.concurrent.RejectedExecutionException where all workers are busy and
   *     QUEUE_SIZE calls wait already
   */
  public CompletableFuture<DatabaseAnswer<List<Results.Row>>> rowsOffloaded(
      Query.Rows asked, Cancellation cancellation) {
    return workers.submit(cancellation, () -> rows(asked, cancellation));
  }

  /** The same for a caller that may wait: two threads stand still for one call. */
  public DatabaseAnswer<List<Results.Row>> rowsOffloadedAndAwaited(
      Query.Rows asked, Cancellation cancellation) {
    return workers.await(cancellation, () -> rows(asked, cancellation));
  }

  /**
   * Raises the counter by 1. It is read and written in one transaction that locks it, so that no
   * other one can read it in between and write over it.
   */
  public DatabaseAnswer<Long> increment(Cancellation cancellation) {
    return pool.use(cancellation, DatabaseCalls::increment);
  }

  private static long increment(Connection connection, Cancelling cancelling) throws SQLException {
    connection.setAutoCommit(false); // the pool rolls back what is not committed
    try (PreparedStatement read = connection.prepareStatement(Sql.COUNTER);
        PreparedStatement write = connection.prepareStatement(Sql.SET_COUNTER)) {
      cancelling.next(read);
      long value;
      try (ResultSet found = read.executeQuery()) {
        found.next();
        value = found.getLong(1) + 1;
      }
      write.setLong(1, value);
      cancelling.next(write);
      write.executeUpdate();
      connection.commit();
      return value;
    }
  }

  @Override
  public void close() {
    if (reachability != null) {
      reachability.close();
    }
    pool.close();
    server.close();
  }
}
