package dev.handlermodels.loadtests.bench;

/**
 * What a run was told; stands in results.json.
 *
 * @param users of a closed load; of an open one the requests in flight if nobody queues: rate ×
 *     wait
 * @param eventLoops event loops of server-vertx
 * @param poolSize threads of server-blocking
 * @param workers threads of the pool behind /io/offloaded
 * @param openRate arrivals per second of an open load; null for a closed one
 * @param tailSeconds how long the load goes on after the window
 * @param heapMiB heap of servers and upstream; null for that of jvm.options
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
    int upstreamPort,
    Integer openRate,
    int tailSeconds,
    Integer heapMiB) {

  /** A closed load with what is usual beside it. */
  Settings(
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
    this(
        users,
        waitMs,
        rampSeconds,
        warmupSeconds,
        durationSeconds,
        requestTimeoutMs,
        eventLoops,
        poolSize,
        workers,
        port,
        managementPort,
        upstreamPort,
        null,
        1,
        null);
  }

  /** The same under an open load; its ramp only prolongs the warm-up. */
  Settings open(int rate) {
    int inFlight = Math.max(1, Math.round(rate * (waitMs / 1000f)));
    return new Settings(
        inFlight,
        waitMs,
        rampSeconds,
        warmupSeconds,
        durationSeconds,
        requestTimeoutMs,
        eventLoops,
        poolSize,
        workers,
        port,
        managementPort,
        upstreamPort,
        rate,
        tailSeconds,
        heapMiB);
  }

  /** The same with a heap of another size, and a longer tail, in which to look at that heap. */
  Settings measuringHeap(int mib, int tail) {
    return new Settings(
        users,
        waitMs,
        rampSeconds,
        warmupSeconds,
        durationSeconds,
        requestTimeoutMs,
        eventLoops,
        poolSize,
        workers,
        port,
        managementPort,
        upstreamPort,
        openRate,
        tail,
        mib);
  }

  boolean isOpen() {
    return openRate != null;
  }

  /** {@code 500 users} or {@code 400 arrivals/s}. */
  String load() {
    return isOpen() ? Numbers.whole(openRate) + " arrivals/s" : Numbers.whole(users) + " users";
  }

  /** From the first user's arrival to the measured window. */
  int leadSeconds() {
    return rampSeconds + warmupSeconds;
  }

  int loadSeconds() {
    return leadSeconds() + durationSeconds;
  }
}
