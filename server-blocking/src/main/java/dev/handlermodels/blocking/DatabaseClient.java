package dev.handlermodels.blocking;

import dev.handlermodels.api.Query;
import dev.handlermodels.api.Results;
import dev.handlermodels.api.admission.Cancellation;
import dev.handlermodels.api.database.DatabaseAnswer;
import dev.handlermodels.api.launch.Service;
import dev.handlermodels.database.DatabaseCalls;
import java.util.List;

/**
 * Where the code waits for the database in the fixed pool: on the pool thread that runs the
 * request, or on a worker as well.
 */
final class DatabaseClient implements AutoCloseable {
  private final DatabaseCalls calls;

  private DatabaseClient(DatabaseCalls calls) {
    this.calls = calls;
  }

  static DatabaseClient open(Service service) {
    return new DatabaseClient(DatabaseCalls.open(service));
  }

  /**
   * The pool thread waits for its turn, for a connection and for the rows. The ceiling is
   * connections / hold, or pool threads / hold where these are fewer.
   */
  DatabaseAnswer<List<Results.Row>> rows(Query.Rows asked, Cancellation cancellation) {
    return calls.rows(asked, cancellation);
  }

  /** Does the same: on a pool thread JDBC is the right way. */
  DatabaseAnswer<List<Results.Row>> rowsBlocking(Query.Rows asked, Cancellation cancellation) {
    return calls.rows(asked, cancellation);
  }

  /** A worker waits, and the pool thread waits for the worker: one call blocks two threads. */
  DatabaseAnswer<List<Results.Row>> rowsOffloaded(Query.Rows asked, Cancellation cancellation) {
    return calls.rowsOffloadedAndAwaited(asked, cancellation);
  }

  /** The pool thread waits for the counter's turn, too, and for the commit. */
  DatabaseAnswer<Long> increment(Cancellation cancellation) {
    return calls.increment(cancellation);
  }

  @Override
  public void close() {
    calls.close();
  }
}
