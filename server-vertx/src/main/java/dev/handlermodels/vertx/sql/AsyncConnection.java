package dev.handlermodels.vertx.sql;

import dev.handlermodels.api.admission.Cancellation;
import dev.handlermodels.api.database.DatabaseException;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.Readable;
import io.r2dbc.spi.Statement;
import io.r2dbc.spi.Wrapped;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import java.util.List;
import java.util.function.Function;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A connection while one caller has it. All its methods are called on that caller's event loop, and
 * so are the handlers of its futures.
 */
public final class AsyncConnection {
  /** A request that comes just before its statement has no effect, so it is made again. */
  private static final int CANCEL_AGAIN_MS = 50;

  /** For the database's own word that it ended a statement to arrive. */
  private static final int BEYOND_STATEMENT_MS = 2000;

  private final Connection pooled;
  private final PostgresqlConnection connection;
  private final ContextInternal context;
  private final int statementTimeoutMs;
  private boolean spoilt;
  private boolean ended;

  AsyncConnection(Connection pooled, ContextInternal context, int statementTimeoutMs) {
    this.pooled = pooled;
    this.connection = (PostgresqlConnection) ((Wrapped<?>) pooled).unwrap();
    this.context = context;
    this.statementTimeoutMs = statementTimeoutMs;
  }

  /** Does the work, then gives the connection back, and completes. */
  <T> Future<T> use(Cancellation cancellation, Function<AsyncConnection, Future<T>> work) {
    var registration = cancellation.onCancel(() -> context.runOnContext(_ -> cancel()));
    Future<T> done;
    try {
      cancellation.throwIfCancelled();
      done = work.apply(this);
    } catch (RuntimeException e) {
      done = context.failedFuture(e);
    }
    return done.eventually(
        () -> {
          registration.close();
          return end();
        });
  }

  /**
   * Runs a statement.
   *
   * @param statement with $1, $2 and so on for its parameters
   * @return the first row, as read from it; null where there is none
   */
  public <T> Future<T> first(String statement, Function<Readable, T> row, Object... parameters) {
    Flux<T> rows =
        Flux.from(prepared(statement, parameters).execute()).flatMap(result -> result.map(row));
    return inTime(rows).map(all -> all.isEmpty() ? null : all.getFirst());
  }

  /** Runs a statement that changes rows, and says how many. */
  public Future<Long> update(String statement, Object... parameters) {
    Flux<Long> counts =
        Flux.from(prepared(statement, parameters).execute())
            .flatMap(result -> result.getRowsUpdated());
    return inTime(counts).map(List::getFirst);
  }

  private Statement prepared(String statement, Object... parameters) {
    Statement prepared = pooled.createStatement(statement);
    for (int i = 0; i < parameters.length; i++) {
      prepared.bind(i, parameters[i]);
    }
    return prepared;
  }

  /**
   * Does all of the work or nothing.
   *
   * @return failed where it failed, and then nothing of it has been done
   */
  public <T> Future<T> inTransaction(Function<AsyncConnection, Future<T>> work) {
    return inTime(pooled.beginTransaction())
        .compose(_ -> work.apply(this))
        // What has begun and is not committed, the pool rolls back.
        .compose(value -> inTime(pooled.commitTransaction()).map(value));
  }

  /** The database ends each statement in time; where it does not even do that, we do. */
  private <T> Future<List<T>> inTime(Publisher<T> statement) {
    Promise<List<T>> all = context.promise();
    long deadline =
        context
            .owner()
            .setTimer(
                statementTimeoutMs + BEYOND_STATEMENT_MS,
                _ -> {
                  all.tryFail(DatabaseException.statementTimeout(statementTimeoutMs));
                  close();
                });
    Flux.from(statement).collectList().subscribe(all::tryComplete, all::tryFail);
    return all.future().onComplete(_ -> context.owner().cancelTimer(deadline));
  }

  /**
   * Nobody waits any more, so the statement shall end. The request may reach the database late, so
   * nobody else is given this connection afterwards.
   */
  private void cancel() {
    if (!ended) {
      spoilt = true;
      connection.cancelRequest().subscribe(_ -> {}, _ -> {});
      context.owner().setTimer(CANCEL_AGAIN_MS, _ -> cancel());
    }
  }

  private Future<Void> end() {
    ended = true;
    if (spoilt) {
      close();
    }
    Promise<Void> released = context.promise();
    Mono.from(pooled.close())
        .subscribe(_ -> {}, _ -> released.tryComplete(), released::tryComplete);
    return released.future();
  }

  /** Whatever runs on it ends at once. */
  void close() {
    connection.close().subscribe(_ -> {}, _ -> {});
  }
}
