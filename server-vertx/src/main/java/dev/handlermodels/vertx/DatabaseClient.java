package dev.handlermodels.vertx;

import dev.handlermodels.api.Query;
import dev.handlermodels.api.Results;
import dev.handlermodels.api.admission.Cancellation;
import dev.handlermodels.api.database.DatabaseAnswer;
import dev.handlermodels.api.launch.Service;
import dev.handlermodels.database.DatabaseCalls;
import dev.handlermodels.database.Sql;
import dev.handlermodels.vertx.sql.AsyncConnection;
import dev.handlermodels.vertx.sql.AsyncPool;
import io.r2dbc.spi.Readable;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.util.ArrayList;
import java.util.List;

/**
 * Where the code waits for the database, on the event loop: nowhere, on the loop itself (wrong), or
 * on a worker.
 */
final class DatabaseClient implements AutoCloseable {
  private static final double MS_PER_SECOND = 1000;
  private static final String ROW = Sql.numbered(Sql.ROW);
  private static final String ROW_HELD = Sql.numbered(Sql.ROW_HELD);
  private static final String COUNTER = Sql.numbered(Sql.COUNTER);
  private static final String SET_COUNTER = Sql.numbered(Sql.SET_COUNTER);

  private final Vertx vertx;
  private final DatabaseCalls calls;
  private final AsyncPool pool;

  private DatabaseClient(Vertx vertx, DatabaseCalls calls, AsyncPool pool) {
    this.vertx = vertx;
    this.calls = calls;
    this.pool = pool;
  }

  static DatabaseClient open(Vertx vertx, Service service) {
    DatabaseCalls calls = DatabaseCalls.open(service);
    AsyncPool pool =
        new AsyncPool(
            (VertxInternal) vertx,
            calls.server(),
            service.settings().database(),
            service.registry());
    return new DatabaseClient(vertx, calls, pool);
  }

  /**
   * No thread waits: the loop goes on to other requests, and comes back when there is a connection,
   * and for each row. The ceiling is connections / hold.
   */
  Future<DatabaseAnswer<List<Results.Row>>> rows(Query.Rows asked, Cancellation cancellation) {
    return pool.use(cancellation, connection -> rest(asked, connection, new ArrayList<>()));
  }

  private static Future<List<Results.Row>> rest(
      Query.Rows asked, AsyncConnection connection, List<Results.Row> rows) {
    if (rows.size() == asked.queries()) {
      return Future.succeededFuture(rows);
    }
    Future<Results.Row> next =
        asked.holdMs() > 0
            ? connection.first(
                ROW_HELD, DatabaseClient::row, asked.holdMs() / MS_PER_SECOND, Sql.anyRow())
            : connection.first(ROW, DatabaseClient::row, Sql.anyRow());
    return next.compose(
        row -> {
          rows.add(row);
          return rest(asked, connection, rows);
        });
  }

  private static Results.Row row(Readable row) {
    return new Results.Row(row.get(0, Integer.class), row.get(1, String.class));
  }

  /** The event loop itself waits, and with it everybody whom it serves. */
  DatabaseAnswer<List<Results.Row>> rowsBlocking(Query.Rows asked, Cancellation cancellation) {
    return calls.rows(asked, cancellation);
  }

  /** A worker waits; its answer comes back to this request's loop. */
  Future<DatabaseAnswer<List<Results.Row>>> rowsOffloaded(
      Query.Rows asked, Cancellation cancellation) {
    return Future.fromCompletionStage(
        calls.rowsOffloaded(asked, cancellation), vertx.getOrCreateContext());
  }

  /** No thread waits for the counter's turn, either, nor for the commit. */
  Future<DatabaseAnswer<Long>> increment(Cancellation cancellation) {
    return pool.use(
        cancellation, connection -> connection.inTransaction(DatabaseClient::increment));
  }

  private static Future<Long> increment(AsyncConnection connection) {
    return connection
        .first(COUNTER, row -> row.get(0, Long.class) + 1)
        .compose(value -> connection.update(SET_COUNTER, value).map(value));
  }

  @Override
  public void close() {
    pool.close();
    calls.close();
  }
}
