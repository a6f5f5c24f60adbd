package dev.handlermodels.database;

import dev.handlermodels.api.admission.Cancellation;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.LoggerFactory;

/**
 * Ends statements at the server when nobody waits for them any more. The driver asks for that on a
 * connection of its own, which takes time, so a thread of its own does it. It sends nothing for a
 * statement that has ended, so whoever has the connection next is not hit.
 */
final class Cancelling {
  /** A request that comes just before its statement has no effect, so it is made again. */
  private static final int AGAIN_MS = 50;

  private final Cancellation cancellation;
  private final CountDownLatch ended = new CountDownLatch(1);

  /** The one that runs, or ran last. */
  private volatile Statement statement;

  private Cancelling(Cancellation cancellation) {
    this.cancellation = cancellation;
  }

  /** What is done with a connection. */
  interface Work<T> {
    T with(Cancelling cancelling) throws SQLException;
  }

  /** Does it, and has the statement that runs cancelled when the work is not wanted any more. */
  static <T> T around(Cancellation cancellation, Work<T> work) throws SQLException {
    Cancelling cancelling = new Cancelling(cancellation);
    try (var _ = cancellation.onCancel(cancelling::begin)) {
      return work.with(cancelling);
    } finally {
      cancelling.ended.countDown();
    }
  }

  /**
   * The statement will run now.
   *
   * @throws RuntimeException the reason, where it is not wanted any more
   */
  void next(Statement next) {
    statement = next;
    cancellation.throwIfCancelled();
  }

  private void begin() {
    Thread.ofVirtual().name("cancel").start(this::cancel);
  }

  private void cancel() {
    try {
      do {
        Statement running = statement;
        if (running != null) {
          running.cancel();
        }
      } while (!ended.await(AGAIN_MS, TimeUnit.MILLISECONDS));
    } catch (SQLException e) {
      // It ends at its time-out.
      LoggerFactory.getLogger(Cancelling.class).debug("a statement was not cancelled", e);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
