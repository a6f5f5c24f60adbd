package dev.handlermodels.loadtests.bench;

/**
 * What a run was told; stands in results.json.
 *
 * @param eventLoops event loops of server-vertx
 * @param poolSize threads of server-blocking
 * @param workers threads of the pool behind /io/offloaded
 */
record Settings(
    int users,
    int waitMs,
    int rampSeconds,
    int warmupSeconds,
    int durationSeconds,
    int requestTimeoutMs,
    int eventLoops,
    int poolSize,
    int workers,
    int port,
    int managementPort,
    int upstreamPort) {

  /** From the first user's arrival to the measured window. */
  int leadSeconds() {
    return rampSeconds + warmupSeconds;
  }

  int loadSeconds() {
    return leadSeconds() + durationSeconds;
  }
}
