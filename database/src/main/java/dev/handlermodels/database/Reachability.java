package dev.handlermodels.database;

import dev.handlermodels.api.Limits;
import dev.handlermodels.api.settings.DatabaseAddress;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Looks once a second whether the database lets anybody in, on a thread of its own. */
final class Reachability implements AutoCloseable {
  private static final int EVERY_MS = 1000;
  private static final int ANSWER_SECONDS = 2;

  private final DatabaseServer server;
  private final Thread looking;
  private volatile boolean reached;

  Reachability(DatabaseServer server) {
    this.server = server;
    this.looking = Thread.ofVirtual().name("database-reachability").start(this::look);
  }

  /** Whether it did so when it was looked at last. */
  boolean isReached() {
    return reached;
  }

  private void look() {
    try {
      while (true) {
        reached = asks();
        Thread.sleep(EVERY_MS);
      }
    } catch (InterruptedException _) {
      reached = false; // closed
    }
  }

  private boolean asks() throws InterruptedException {
    try {
      DatabaseAddress address =
          server.address().get(Limits.DATABASE_START_TIMEOUT_MS, TimeUnit.MILLISECONDS);
      try (Connection connection = Jdbc.dataSource(address).getConnection()) {
        return connection.isValid(ANSWER_SECONDS);
      }
    } catch (SQLException | ExecutionException | TimeoutException _) {
      return false;
    }
  }

  @Override
  public void close() {
    looking.interrupt();
  }
}
