package dev.handlermodels.database;

import dev.handlermodels.api.settings.Secrets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.postgresql.ds.PGSimpleDataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes connections for HikariCP, and tries again until there is one. HikariCP itself would pause
 * between its attempts, for up to 5 s after a long outage and however many callers wait. It tells
 * of each failure, so that callers need not wait in vain.
 */
final class RetryingDataSource extends PGSimpleDataSource implements AutoCloseable {
  private static final long serialVersionUID = 1L;
  private static final int AGAIN_MS = 250;

  private final transient Runnable failed;
  private final transient CountDownLatch closed = new CountDownLatch(1);

  /** Of the latest attempt; null where that went well. */
  private transient volatile SQLException failure;

  /**
   * @param failed told of each attempt that failed
   */
  RetryingDataSource(Runnable failed) {
    this.failed = failed;
  }

  /** Called by the one thread of HikariCP that adds connections, which has nothing else to do. */
  @Override
  public Connection getConnection() throws SQLException {
    while (true) {
      try {
        Connection connection = super.getConnection();
        if (failure != null) {
          failure = null;
          log().info("the database can be reached again");
        }
        return connection;
      } catch (SQLException e) {
        if (failure == null) {
          log().warn("the database cannot be reached: {}", Secrets.masked(e.getMessage()));
        }
        failure = e;
        failed.run();
        pause();
      }
    }
  }

  private void pause() throws SQLException {
    try {
      if (closed.await(AGAIN_MS, TimeUnit.MILLISECONDS)) {
        throw failure;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      failure = null; // nobody tries again, so nobody may rely on it
      throw new SQLException(e);
    }
  }

  /** Why there is no connection; null unless the latest attempt failed. */
  SQLException failure() {
    return failure;
  }

  /** Not a constant: logging is configured by main, after this class may have been loaded. */
  private static Logger log() {
    return LoggerFactory.getLogger(RetryingDataSource.class);
  }

  /** There is no further attempt. */
  @Override
  public void close() {
    closed.countDown();
  }
}
