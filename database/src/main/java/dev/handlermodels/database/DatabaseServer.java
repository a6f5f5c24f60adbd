package dev.handlermodels.database;

import dev.handlermodels.api.database.DatabaseException;
import dev.handlermodels.api.settings.DatabaseAddress;
import dev.handlermodels.api.settings.DatabaseSettings;
import dev.handlermodels.api.settings.Secrets;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The database that the servers ask: the one at DATABASE_URL, or an embedded one. Nothing of it is
 * loaded, started or connected to before somebody asks for it.
 */
public final class DatabaseServer implements AutoCloseable {
  private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Optional<DatabaseAddress> named;

  /** Null before the first need. Guarded by this, as are the others. */
  private CompletableFuture<DatabaseAddress> address;

  private long failedNanos;
  private EmbeddedServer embedded;
  private boolean closed;

  public DatabaseServer(DatabaseSettings settings) {
    this.named = settings.address();
  }

  /**
   * Where it is, once it runs and has its tables. The first caller has that seen to, by a thread of
   * its own; all others get the same future. After a failure it is tried again, once a second at
   * most.
   */
  public synchronized CompletableFuture<DatabaseAddress> address() {
    if (closed) {
      return CompletableFuture.failedFuture(DatabaseException.unreachable(null));
    }
    if (address == null || mayTryAgain()) {
      CompletableFuture<DatabaseAddress> starting = new CompletableFuture<>();
      address = starting;
      Thread.ofPlatform().daemon().name("database-start").start(() -> start(starting));
    }
    return address;
  }

  private void start(CompletableFuture<DatabaseAddress> starting) {
    try {
      DatabaseAddress running = named.isPresent() ? named.get() : startEmbedded();
      Schema.migrate(running);
      starting.complete(running);
    } catch (Throwable e) { // those who wait must learn of an Error, too
      failed();
      starting.completeExceptionally(asDatabaseException(e));
    }
  }

  private DatabaseAddress startEmbedded() throws IOException {
    synchronized (this) {
      if (embedded != null) {
        return embedded.address();
      }
    }
    EmbeddedServer started = EmbeddedServer.start();
    boolean late;
    synchronized (this) {
      late = closed;
      embedded = late ? null : started;
    }
    if (late) {
      started.close();
      throw new IOException("this server is shutting down");
    }
    return started.address();
  }

  private synchronized void failed() {
    failedNanos = System.nanoTime();
  }

  private boolean mayTryAgain() {
    return address.isCompletedExceptionally() && System.nanoTime() - failedNanos >= RETRY_NANOS;
  }

  /** The reason is for the log; a client learns only that there is no database. */
  private static DatabaseException asDatabaseException(Throwable failure) {
    if (failure instanceof NoClassDefFoundError) {
      return new DatabaseException(
          DatabaseException.Kind.ABSENT,
          "this server has no database: DATABASE_URL is not set, and none can be embedded here");
    }
    log().warn("the database cannot be used: {}", oneLine(failure));
    return DatabaseException.unreachable(failure);
  }

  private static String oneLine(Throwable failure) {
    return Secrets.masked(failure.toString().replaceAll("\\s+", " "));
  }

  /** Not a constant: logging is configured by main, after this class may have been loaded. */
  private static Logger log() {
    return LoggerFactory.getLogger(DatabaseServer.class);
  }

  /** Ends the embedded one. */
  @Override
  public void close() {
    EmbeddedServer running;
    synchronized (this) {
      closed = true;
      running = embedded;
      embedded = null;
    }
    if (running != null) {
      running.close();
    }
  }
}
