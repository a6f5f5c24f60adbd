package dev.handlermodels.loadtests.bench.scenario.db;

import dev.handlermodels.loadtests.bench.servers.Servers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What is measured: a server, what it is asked for, and by whom.
 *
 * @param queries of each request
 * @param users who never pause; 0 for arrivals
 * @param arrivals a second, however the server fares; 0 for users
 * @param pool connections
 * @param atOnce requests that can be at the database at once: connections, or threads where these
 *     are fewer
 * @param environment of the server, beside the size of its pool
 */
record DbRow(
    Question question,
    String label,
    String server,
    String path,
    int queries,
    int holdMs,
    int users,
    int arrivals,
    int pool,
    int atOnce,
    Map<String, String> environment) {
  static final int HOLD_MS = 20;
  static final int USERS = 500;
  static final int POOL = 20;

  /** More than {@link #POOL} connections can serve, by a fifth and a tenth. */
  static final int ARRIVALS = 1300;

  private static final List<Integer> POOLS = List.of(10, POOL, 50, 100);
  private static final int LOOPS = 1;

  /** As many as /db makes at most, so that HTTP hardly counts. */
  private static final int MANY_QUERIES = 20;

  /** Of server-blocking, and of the workers behind /db/offloaded: the bench's own settings. */
  private static final int THREADS = 40;

  private static final String DB = "/db";
  private static final String BLOCKING = "/db/blocking";
  private static final String OFFLOADED = "/db/offloaded";

  /** What a group of rows answers. */
  enum Question {
    POOL("What a larger pool changes"),
    GUARD("Where callers of virtual threads wait, beyond what the pool can do"),
    LOOP("The anti-pattern on the event loop, and its repair"),
    NO_HOLD("Short queries: what driver and threads cost");

    final String heading;

    Question(String heading) {
      this.heading = heading;
    }
  }

  /**
   * @param peers servers of other projects, measured with the usual pool
   */
  static List<DbRow> all(boolean quick, List<String> peers) {
    List<DbRow> rows = new ArrayList<>();
    for (String server : Servers.ALL) {
      for (int pool : quick ? List.of(POOL, 100) : POOLS) {
        rows.add(pool(server, pool));
      }
    }
    peers.forEach(peer -> rows.add(pool(peer, POOL)));
    rows.add(guard("no limit: inside HikariCP", Map.of("DATABASE_GATE", "false")));
    rows.add(guard("a semaphore at the pool, 1000 wait", Map.of("DATABASE_QUEUE_SIZE", "1000")));
    rows.add(guard("a semaphore at the pool, 100 wait", Map.of("DATABASE_QUEUE_SIZE", "100")));
    rows.add(guard("MAX_IN_FLIGHT=40 at the door", Map.of("MAX_IN_FLIGHT", "40")));
    rows.add(loop(BLOCKING, LOOPS));
    rows.add(loop(OFFLOADED, Math.min(THREADS, POOL)));
    for (int users : List.of(1, USERS)) {
      rows.add(short_(Servers.EVENT_LOOP, DB, 1, users));
      rows.add(short_(Servers.EVENT_LOOP, OFFLOADED, 1, users));
      rows.add(short_(Servers.VIRTUAL_THREADS, DB, 1, users));
      rows.add(short_(Servers.THREAD_POOL, DB, 1, users));
    }
    for (String server : Servers.ALL) {
      rows.add(short_(server, DB, MANY_QUERIES, USERS));
    }
    return rows;
  }

  private static DbRow pool(String server, int pool) {
    int atOnce = server.equals(Servers.THREAD_POOL) ? Math.min(pool, THREADS) : pool;
    return new DbRow(
        Question.POOL,
        server + ", pool of " + pool,
        server,
        DB,
        1,
        HOLD_MS,
        USERS,
        0,
        pool,
        atOnce,
        Map.of());
  }

  private static DbRow guard(String label, Map<String, String> environment) {
    Map<String, String> all =
        environment.containsKey("DATABASE_GATE")
            ? Map.of("DATABASE_GATE", "false", "DATABASE_QUEUE_SIZE", "1000000")
            : environment;
    return new DbRow(
        Question.GUARD,
        label,
        Servers.VIRTUAL_THREADS,
        DB,
        1,
        HOLD_MS,
        0,
        ARRIVALS,
        POOL,
        POOL,
        all);
  }

  private static DbRow loop(String path, int atOnce) {
    return new DbRow(
        Question.LOOP,
        Servers.EVENT_LOOP + " " + path,
        Servers.EVENT_LOOP,
        path,
        1,
        HOLD_MS,
        USERS,
        0,
        POOL,
        atOnce,
        Map.of());
  }

  private static DbRow short_(String server, String path, int queries, int users) {
    String asked = path + (queries == 1 ? "" : "?queries=" + queries);
    return new DbRow(
        Question.NO_HOLD,
        server + " " + asked + ", " + users + (users == 1 ? " user" : " users"),
        server,
        path,
        queries,
        0,
        users,
        0,
        POOL,
        POOL,
        Map.of());
  }

  /** Answers a second that no server can exceed; null without a hold. */
  Double ceiling() {
    return holdMs == 0 ? null : (Double) (atOnce * 1000.0 / holdMs);
  }

  /** Its folder. */
  String id() {
    return label.replaceAll("[^A-Za-z0-9]+", "-");
  }
}
