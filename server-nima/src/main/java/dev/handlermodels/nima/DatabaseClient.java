package dev.handlermodels.nima;

import dev.handlermodels.api.Query;
import dev.handlermodels.api.Results;
import dev.handlermodels.api.admission.Cancellation;
import dev.handlermodels.api.database.DatabaseAnswer;
import dev.handlermodels.api.launch.Service;
import dev.handlermodels.database.DatabaseCalls;
import java.util.List;

/**
 * Where the code waits for the database, on virtual threads: on the request's own one, or
 * needlessly on a worker as well.
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
   * The request's virtual thread waits for its turn, for a connection and for the rows. There may
   * be thousands of such threads, so the ceiling is connections / hold.
   */
  DatabaseAnswer<List<Results.Row>> rows(Query.Rows asked, Cancellation cancellation) {
    return calls.rows(asked, cancellation);
  }

  /** The same: on a virtual thread JDBC is the right way. */
  DatabaseAnswer<List<Results.Row>> rowsBlocking(Query.Rows asked, Cancellation cancellation) {
    return calls.rows(asked, cancellation);
  }

  /** A worker waits and the virtual thread waits for the worker: for nothing. */
  DatabaseAnswer<List<Results.Row>> rowsOffloaded(Query.Rows asked, Cancellation cancellation) {
    return calls.rowsOffloadedAndAwaited(asked, cancellation);
  }

  /** The virtual thread waits for the counter's turn, too, and for the commit. */
  DatabaseAnswer<Long> increment(Cancellation cancellation) {
    return calls.increment(cancellation);
  }

  @Override
  public void close() {
    calls.close();
  }
}
