package dev.handlermodels.api.settings;

/**
 * What protects a server from more than it can do, beside MAX_IN_FLIGHT: the environment's
 * MAX_CONNECTIONS_PER_CLIENT, MAX_IN_FLIGHT_PER_CLIENT, FANOUT_CONCURRENCY, MAX_QUEUE_MS and
 * ADAPTIVE_LIMIT. All are off unless set.
 *
 * @param maxConnectionsPerClient of the open connections, those of one client; 0 for no limit
 * @param maxInFlightPerClient of the requests in flight, those of one client; 0 for no limit
 * @param fanoutConcurrency of the upstream calls of one /fanout, those at once; the most that a
 *     request may ask for is no limit
 * @param maxQueueMs how long a request may wait for its turn, 0 for as long as it takes
 */
public record OverloadSettings(
    int maxConnectionsPerClient,
    int maxInFlightPerClient,
    int fanoutConcurrency,
    int maxQueueMs,
    Adaptive adaptiveLimit) {

  /** How the limit of requests in flight follows what the server can do. */
  public enum Adaptive {
    /** It does not: MAX_IN_FLIGHT is the limit. */
    OFF,
    /** It falls when answers take longer than they did on average, and grows while they do not. */
    GRADIENT,
    /**
     * It grows by one at a time, and falls by a tenth when an answer is a 503 or 504 or too late.
     */
    AIMD
  }
}
