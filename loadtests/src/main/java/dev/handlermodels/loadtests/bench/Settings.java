package dev.handlermodels.loadtests.bench;

/**
 * What a run was told; stands in results.json.
 *
 * @param warmupSeconds bound of the warm-up; it ends sooner where the load has settled
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
  private static final int LONGEST_WARMUP_WINDOW_SECONDS = 5;

  /**
   * The warm-up is judged in windows of a third of its bound, 5 s at most. They hold whole waits,
   * so that answers that come in step fall evenly into them.
   */
  int warmupWindowSeconds() {
    int seconds = Math.clamp(warmupSeconds / 3, 1, LONGEST_WARMUP_WINDOW_SECONDS);
    int waitSeconds = Math.max(1, Math.ceilDiv(waitMs, 1000));
    return Math.ceilDiv(seconds, waitSeconds) * waitSeconds;
  }

  /** From the first user's arrival to the measured window, at most. */
  int leadSeconds() {
    return rampSeconds + warmupSeconds;
  }

  int loadSeconds() {
    return leadSeconds() + durationSeconds;
  }
}
