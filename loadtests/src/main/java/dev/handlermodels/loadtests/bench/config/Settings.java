package dev.handlermodels.loadtests.bench.config;

import dev.handlermodels.loadtests.bench.servers.ServerDescription;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import dev.handlermodels.loadtests.load.Limits;
import java.util.HashMap;
import java.util.Map;

/**
 * The settings of a run, as they stand in results.json.
 *
 * @param users of a closed load; of an open one the requests in flight if nobody queues: rate ×
 *     wait
 * @param warmupSeconds bound of the warm-up; it ends sooner where the load has settled
 * @param eventLoops of a server that has such
 * @param poolSize threads of a fixed pool
 * @param workers threads of the pool behind /io/offloaded
 * @param openRate arrivals per second of an open load; null for a closed one
 * @param tailSeconds how long the load goes on after the window, at most; the bench ends it sooner
 * @param heapMiB heap of servers and upstream; null for that of jvm.options
 * @param target a server that was there already; null where the bench starts its own
 */
public record Settings(
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
    Integer tailSeconds,
    Integer heapMiB,
    Target target) {
  private static final int LONGEST_WARMUP_WINDOW_SECONDS = 5;

  /** The servers' own default. A shorter queue than there are users would refuse some of them. */
  public static final int QUEUE_SIZE = 1000;

  /** A run from before there were open loads does not name its tail. */
  public Settings {
    tailSeconds = tailSeconds == null ? Limits.TAIL_OF_THE_ENDED_SECONDS : tailSeconds;
  }

  /** A closed load with what is usual beside it. */
  public Settings(
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
        null,
        null,
        null);
  }

  /** The same under an open load; its ramp only prolongs the warm-up. */
  public Settings open(int rate) {
    int inFlight = Math.max(1, Math.round(rate * (waitMs / 1000f)));
    return but(inFlight, durationSeconds, rate, tailSeconds, heapMiB, target);
  }

  /** The same with a heap of another size, and time to look at that heap under load. */
  public Settings measuringHeap(int mib, int tail) {
    return but(users, durationSeconds, openRate, tail, mib, target);
  }

  /** The same with a load that goes on for longer after the window. */
  public Settings withTail(int tail) {
    return but(users, durationSeconds, openRate, tail, heapMiB, target);
  }

  /** The same against a server that is there already. */
  public Settings against(Target server) {
    return but(users, durationSeconds, openRate, tailSeconds, heapMiB, server);
  }

  /** The same for one server: on its own port, or against the one that runs already. */
  public Settings of(ServerDescription server) {
    Settings own = server.port() == null ? this : onPort(server.port());
    return server.isStarted() || target != null ? own : own.against(new Target(server.url(), null));
  }

  private Settings onPort(int its) {
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
        its,
        managementPort,
        upstreamPort,
        openRate,
        tailSeconds,
        heapMiB,
        target);
  }

  /** What the variables of a description stand for. */
  public Map<String, String> variables() {
    Map<String, String> values = new HashMap<>();
    values.put("host", LoopbackAddress.HOST);
    values.put("port", Integer.toString(port));
    values.put("managementPort", Integer.toString(managementPort));
    values.put("upstream", LoopbackAddress.url(upstreamPort));
    values.put("users", Integer.toString(users));
    values.put("waitMs", Integer.toString(waitMs));
    values.put("loops", Integer.toString(eventLoops));
    values.put("pool", Integer.toString(poolSize));
    values.put("workers", Integer.toString(workers));
    values.put("queue", Integer.toString(Math.max(QUEUE_SIZE, users)));
    if (managementUrl() != null) {
      values.put("management", managementUrl());
    }
    return values;
  }

  /** The same with other numbers of threads. */
  public Settings withThreads(int loops, int pool, int offloadingWorkers) {
    return new Settings(
        users,
        waitMs,
        rampSeconds,
        warmupSeconds,
        durationSeconds,
        requestTimeoutMs,
        loops,
        pool,
        offloadingWorkers,
        port,
        managementPort,
        upstreamPort,
        openRate,
        tailSeconds,
        heapMiB,
        target);
  }

  /** The same of several injectors together. */
  public Settings merged(int allUsers, int commonSeconds) {
    return but(allUsers, commonSeconds, openRate, tailSeconds, heapMiB, target);
  }

  private Settings but(
      int theUsers, int seconds, Integer rate, Integer tail, Integer mib, Target server) {
    return new Settings(
        theUsers,
        waitMs,
        rampSeconds,
        warmupSeconds,
        seconds,
        requestTimeoutMs,
        eventLoops,
        poolSize,
        workers,
        port,
        managementPort,
        upstreamPort,
        rate,
        tail,
        mib,
        server);
  }

  /** The URL of the main listener. */
  public String baseUrl() {
    return target == null ? LoopbackAddress.url(port) : target.url();
  }

  /** The URL of the management listener; null where it is unknown. */
  public String managementUrl() {
    return target == null ? LoopbackAddress.url(managementPort) : target.management();
  }

  public boolean isOpen() {
    return openRate != null;
  }

  /** {@code 500 users} or {@code 400 arrivals/s}. */
  public String load() {
    return isOpen() ? Numbers.whole(openRate) + " arrivals/s" : Numbers.whole(users) + " users";
  }

  /**
   * The length of the windows in which the warm-up is judged: a third of its bound, 5 s at most. A
   * window holds whole waits, so that answers which arrive in step are spread evenly.
   */
  public int warmupWindowSeconds() {
    int seconds = Math.clamp(warmupSeconds / 3, 1, LONGEST_WARMUP_WINDOW_SECONDS);
    int waitSeconds = Math.max(1, Math.ceilDiv(waitMs, 1000));
    return Math.ceilDiv(seconds, waitSeconds) * waitSeconds;
  }

  /** From the first user's arrival to the measured window, at most. */
  public int leadSeconds() {
    return rampSeconds + warmupSeconds;
  }

  public int loadSeconds() {
    return leadSeconds() + durationSeconds;
  }
}
