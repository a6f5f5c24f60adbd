package dev.handlermodels.api.database;

/**
 * What a database said, and how long that took.
 *
 * @param waitedIn the thread that stood still for it; null where none did
 * @param acquireNanos the wait for a connection
 * @param queryNanos the use of that connection
 */
public record DatabaseAnswer<T>(T value, Thread waitedIn, long acquireNanos, long queryNanos) {}
