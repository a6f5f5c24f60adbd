package dev.handlermodels.api.settings;

import java.util.Optional;

/**
 * The database and the pool of connections to it, the environment's DATABASE_ variables.
 *
 * @param address empty for an embedded one
 * @param poolSize connections of one driver; server-vertx has two drivers, the others one
 * @param queueSize callers that wait for one of them
 * @param acquireTimeoutMs how long they wait
 * @param statementTimeoutMs each statement
 * @param gate whether callers wait before the pool, in one line, or inside it
 * @param readiness whether a server is ready only while the database can be reached
 */
public record DatabaseSettings(
    Optional<DatabaseAddress> address,
    int poolSize,
    int queueSize,
    int acquireTimeoutMs,
    int statementTimeoutMs,
    boolean gate,
    boolean readiness) {

  /** The same for a pool of so many connections. */
  public DatabaseSettings withPool(int size) {
    return new DatabaseSettings(
        address, size, queueSize, acquireTimeoutMs, statementTimeoutMs, gate, readiness);
  }
}
