package dev.handlermodels.database;

import dev.handlermodels.api.Endpoint;
import dev.handlermodels.api.Json;
import dev.handlermodels.api.Limit;
import dev.handlermodels.api.Problem;
import dev.handlermodels.api.ProblemException;
import dev.handlermodels.api.Problems;
import dev.handlermodels.api.Results;
import dev.handlermodels.api.TaskState;
import dev.handlermodels.api.admission.Cancellation;
import dev.handlermodels.api.admission.Failures;
import dev.handlermodels.api.database.DatabaseException;
import dev.handlermodels.api.settings.Settings;
import dev.handlermodels.api.settings.TaskSettings;
import dev.handlermodels.api.telemetry.ServerSpan;
import dev.handlermodels.api.upstream.UpstreamAnswer;
import dev.handlermodels.api.work.TaskRequest;
import dev.handlermodels.api.work.TaskStore;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/**
 * Tasks in the database: accepted means committed, and any instance does them. An instance holds a
 * lease on each task that it does and renews it while it lives. When a lease has expired another
 * instance takes the task over. So a task may be done more than once (at least once), but its
 * result is stored once: only by the holder of the lease, in the statement that ends the task.
 *
 * <p>{@code TasksInDatabaseIT} kills instances in mid-work and counts.
 */
final class PostgresTasks implements TaskStore {
  private static final ProblemException FULL =
      Problems.overloaded("the workers are busy and their queue of tasks is full")
          .exceeds(Limit.TASK_QUEUE);
  private static final ProblemException TOO_MANY_BYTES =
      Problems.overloaded("the tasks that wait have too many bytes together")
          .exceeds(Limit.TASK_QUEUE_BYTES);

  /** A lease lasts TASK_TAKEOVER_MS ÷ this. */
  private static final int LEASE_DIVISOR = 2;

  /** It is renewed every TASK_TAKEOVER_MS ÷ this. */
  private static final int RENEWAL_DIVISOR = 8;

  /** An idle worker looks for tasks every TASK_TAKEOVER_MS ÷ this. */
  private static final int POLL_DIVISOR = 4;

  private static final int MOST_PAUSE_MS = 500;
  private static final int CLOSE_MS = 200;

  private static final double MS_PER_SECOND = 1000;
  private static final String TABLE = Schema.NAME + ".task";

  private static final String COLUMNS =
      "id, state, accepted_at, worker, result, problem,"
          + " extract(epoch FROM started_at - accepted_at)::double precision,"
          + " extract(epoch FROM ended_at - started_at)::double precision, body_hash";

  private static final String COUNTS =
      "SELECT count(*) FILTER (WHERE state = 'queued'),"
          + " count(*) FILTER (WHERE state = 'running'),"
          + " count(*) FILTER (WHERE state IN ('done', 'failed')) FROM "
          + TABLE;

  private final String server;
  private final TaskSettings settings;
  private final JdbcPool pool;
  private final Counter refused;
  private final MeterRegistry registry;
  private final UUID owner = UUID.randomUUID();
  private final List<Thread> threads = new ArrayList<>();

  /** A permit says that there may be work. */
  private final Semaphore work = new Semaphore(0);

  private final AtomicInteger running = new AtomicInteger();
  private final AtomicInteger queued = new AtomicInteger();
  private final AtomicInteger kept = new AtomicInteger();
  private volatile IntFunction<UpstreamAnswer> upstream;
  private volatile boolean draining;
  private boolean closed;

  PostgresTasks(String server, DatabaseServer database, Settings settings, MeterRegistry registry) {
    this.server = server;
    this.settings = settings.tasks();
    this.registry = registry;
    this.pool =
        new JdbcPool(
            "jdbc-tasks",
            database,
            settings.database().withPool(this.settings.databaseConnections()),
            registry);
    this.refused =
        Counter.builder("tasks.refused")
            .description("tasks refused with 503 because the queue was full")
            .register(registry);
    registry.gauge("tasks.running", running);
    registry.gauge("tasks.queued", queued);
    registry.gauge("tasks.kept", kept);
  }

  /** From now on this instance works. */
  @Override
  public void callsBy(IntFunction<UpstreamAnswer> blockingCall) {
    upstream = blockingCall;
    for (int i = 0; i < settings.workers(); i++) {
      threads.add(thread("task-worker-" + i, this::workOff));
    }
    threads.add(thread("task-keeper", this::keep));
    threads.forEach(Thread::start);
  }

  private static Thread thread(String name, Runnable what) {
    return Thread.ofPlatform().daemon().name(name).unstarted(what);
  }

  @Override
  public boolean waits() {
    return true;
  }

  private <T> T ask(JdbcPool.Work<T> statements) {
    // A task outlives its request, and asking for one takes no time.
    return pool.use(new Cancellation(ServerSpan.NONE), statements).value();
  }

  @Override
  public Accepted submit(TaskRequest request) {
    Accepted accepted = ask((connection, _) -> submit(connection, request));
    work.release();
    return accepted;
  }

  private Accepted submit(Connection connection, TaskRequest request) throws SQLException {
    if (request.key() != null) {
      Accepted known = known(connection, request);
      if (known != null) {
        return known;
      }
    }
    refuseOverload(connection, request);
    String insert =
        "INSERT INTO "
            + TABLE
            + " (id, idempotency_key, body_hash, text, wait_ms, bytes, state, accepted_at)"
            + " VALUES (?, ?, ?, ?, ?, ?, 'queued', clock_timestamp())"
            + " ON CONFLICT (idempotency_key) DO NOTHING RETURNING "
            + COLUMNS;
    try (PreparedStatement statement = connection.prepareStatement(insert)) {
      statement.setObject(1, UUID.randomUUID());
      statement.setString(2, request.key());
      statement.setString(3, request.bodyHash());
      statement.setBytes(4, utf8(request.text()));
      statement.setObject(5, request.waitMs());
      statement.setInt(6, request.bytes());
      try (ResultSet inserted = statement.executeQuery()) {
        if (inserted.next()) {
          return accepted(202, view(inserted));
        }
      }
    }
    // Another request, maybe to another instance, has just used the key.
    Accepted known = known(connection, request);
    if (known == null) {
      throw Problems.overloaded("the task of this Idempotency-Key has just been forgotten");
    }
    return known;
  }

  /** Null where the key is new. */
  private Accepted known(Connection connection, TaskRequest request) throws SQLException {
    String select = "SELECT " + COLUMNS + " FROM " + TABLE + " WHERE idempotency_key = ?";
    try (PreparedStatement statement = connection.prepareStatement(select)) {
      statement.setString(1, request.key());
      try (ResultSet found = statement.executeQuery()) {
        if (!found.next()) {
          return null;
        }
        if (!found.getString(9).equals(request.bodyHash())) {
          throw Problems.idempotencyKeyReused();
        }
        return accepted(200, view(found));
      }
    }
  }

  /** Of all instances together, and nearly: those who come at once do not count each other. */
  private void refuseOverload(Connection connection, TaskRequest request) throws SQLException {
    String select =
        "SELECT count(*) FILTER (WHERE state = 'queued'), coalesce(sum(bytes), 0) FROM "
            + TABLE
            + " WHERE state IN ('queued', 'running')";
    try (PreparedStatement statement = connection.prepareStatement(select);
        ResultSet found = statement.executeQuery()) {
      found.next();
      if (found.getLong(2) + request.bytes() > settings.queueBytes()) {
        refused.increment();
        throw TOO_MANY_BYTES;
      }
      if (found.getInt(1) >= settings.queueSize()) {
        refused.increment();
        throw FULL;
      }
    }
  }

  private static Accepted accepted(int status, Results.Task task) {
    return new Accepted(status, Endpoint.TASK.path(task.id()), task);
  }

  private Results.Task view(ResultSet row) throws SQLException {
    String result = row.getString(5);
    String problem = row.getString(6);
    return new Results.Task(
        server,
        row.getString(1),
        TaskState.valueOf(row.getString(2).toUpperCase(Locale.ROOT)),
        row.getTimestamp(3).toInstant().toString(),
        row.getString(4),
        ms(row.getObject(7, Double.class)),
        ms(row.getObject(8, Double.class)),
        result == null ? null : Json.read(utf8(result), Results.TaskResult.class),
        problem == null ? null : problem(Json.tree(utf8(problem))));
  }

  private static Problem problem(JsonNode json) {
    return new Problem(
        json.path("type").asString(),
        json.path("title").asString(),
        json.path("status").intValue(),
        json.path("detail").asString(),
        json.path("parameter").asStringOpt().orElse(null),
        json.path("accepts").asStringOpt().orElse(null));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String json(Object value) {
    return new String(Json.bytes(value), StandardCharsets.UTF_8);
  }

  private static Double ms(Double seconds) {
    return seconds == null ? null : (Double) (seconds * MS_PER_SECOND);
  }

  @Override
  public Results.Task get(String id) {
    UUID known = uuid(id);
    return ask(
        (connection, _) -> {
          String select = "SELECT " + COLUMNS + " FROM " + TABLE + " WHERE id = ?";
          try (PreparedStatement statement = connection.prepareStatement(select)) {
            statement.setObject(1, known);
            try (ResultSet found = statement.executeQuery()) {
              if (!found.next()) {
                throw Problems.taskNotFound(id);
              }
              return view(found);
            }
          }
        });
  }

  private static UUID uuid(String id) {
    try {
      UUID uuid = UUID.fromString(id);
      if (uuid.toString().equals(id)) {
        return uuid;
      }
    } catch (IllegalArgumentException _) {
      // No task has such a name.
    }
    throw Problems.taskNotFound(id);
  }

  @Override
  public Results.Tasks list(int limit) {
    return ask((connection, _) -> list(connection, limit));
  }

  private Results.Tasks list(Connection connection, int limit) throws SQLException {
    String select = "SELECT " + COLUMNS + " FROM " + TABLE + " ORDER BY number DESC LIMIT ?";
    try (PreparedStatement count = connection.prepareStatement(COUNTS);
        ResultSet counted = count.executeQuery();
        PreparedStatement statement = connection.prepareStatement(select)) {
      counted.next();
      statement.setInt(1, limit);
      List<Results.Task> tasks = new ArrayList<>();
      try (ResultSet found = statement.executeQuery()) {
        while (found.next()) {
          tasks.add(view(found));
        }
      }
      return new Results.Tasks(
          server, counted.getInt(1), counted.getInt(2), counted.getInt(3), tasks);
    }
  }

  /** What a worker has to know of a task that it has begun. */
  private record Begun(UUID id, int attempt, String text, Integer waitMs) {}

  private void workOff() {
    try {
      while (!draining) {
        Begun task = tryAsk(this::begin);
        if (task == null) {
          work.tryAcquire(pauseMs(), TimeUnit.MILLISECONDS);
        } else {
          run(task);
        }
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt(); // closed
    }
  }

  /** Null where the database does not answer, too. */
  private <T> T tryAsk(JdbcPool.Work<T> statements) throws InterruptedException {
    try {
      return ask(statements);
    } catch (RuntimeException e) { // a worker outlives whatever befalls its tasks
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      log().warn("tasks wait for the database", e);
      Thread.sleep(MOST_PAUSE_MS);
      return null;
    }
  }

  private int pauseMs() {
    return Math.min(MOST_PAUSE_MS, settings.takeoverMs() / POLL_DIVISOR);
  }

  /** The oldest task that nobody works on, or nobody who still lives. */
  private Begun begin(Connection connection, Cancelling cancelling) throws SQLException {
    String update =
        "UPDATE "
            + TABLE
            + " SET state = 'running', owner = ?, attempt = attempt + 1, worker = ?,"
            + " started_at = clock_timestamp(),"
            + " lease_until = clock_timestamp() + ? * interval '1 millisecond'"
            + " WHERE id = (SELECT id FROM "
            + TABLE
            + " WHERE state = 'queued' OR (state = 'running' AND lease_until <"
            + " clock_timestamp()) ORDER BY number LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id,"
            + " attempt, text, wait_ms";
    try (PreparedStatement statement = connection.prepareStatement(update)) {
      statement.setObject(1, owner);
      statement.setString(2, Thread.currentThread().getName());
      statement.setInt(3, settings.takeoverMs() / LEASE_DIVISOR);
      try (ResultSet begun = statement.executeQuery()) {
        return begun.next()
            ? new Begun(
                begun.getObject(1, UUID.class),
                begun.getInt(2),
                new String(begun.getBytes(3), StandardCharsets.UTF_8),
                begun.getObject(4, Integer.class))
            : null;
      }
    }
  }

  private void run(Begun task) throws InterruptedException {
    running.incrementAndGet();
    try {
      TaskState state = TaskState.DONE;
      String result = null;
      String problem = null;
      try {
        Results.Upstream answer = task.waitMs == null ? null : upstream.apply(task.waitMs).body();
        String hash = new TaskRequest(task.waitMs, task.text, 0, "", null).textHash();
        result = json(new Results.TaskResult(hash, answer));
      } catch (Throwable e) {
        if (Thread.interrupted()) {
          throw new InterruptedException(); // closed: somebody else shall do it
        }
        state = TaskState.FAILED;
        problem = json(Failures.of(e, ServerSpan.NONE).problem());
      }
      end(task, state, result, problem);
    } finally {
      running.decrementAndGet();
    }
  }

  /** Stores the result, unless somebody else has taken the task over meanwhile. */
  private void end(Begun task, TaskState state, String result, String problem)
      throws InterruptedException {
    String update =
        "UPDATE "
            + TABLE
            + " SET state = ?, result = ?, problem = ?, ended_at = clock_timestamp(),"
            + " text = NULL, owner = NULL, results = results + 1"
            + " WHERE id = ? AND state = 'running' AND owner = ? AND attempt = ?";
    Integer stored = null;
    while (stored == null) { // while it is gone, nobody takes over either
      stored =
          tryAsk(
              (connection, _) -> {
                try (PreparedStatement statement = connection.prepareStatement(update)) {
                  statement.setString(1, state.label());
                  statement.setString(2, result);
                  statement.setString(3, problem);
                  statement.setObject(4, task.id);
                  statement.setObject(5, owner);
                  statement.setInt(6, task.attempt);
                  return statement.executeUpdate();
                }
              });
    }
    if (stored == 1) {
      registry.counter("tasks.ended", "state", state.label()).increment();
    }
  }

  /** Renews the leases of this instance, and forgets results that have been kept long enough. */
  private void keep() {
    try {
      while (true) {
        Thread.sleep(settings.takeoverMs() / RENEWAL_DIVISOR);
        tryAsk(this::renewLeases);
        tryAsk(this::forgetOld);
        tryAsk(this::count);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt(); // closed
    }
  }

  private int renewLeases(Connection connection, Cancelling cancelling) throws SQLException {
    String update =
        "UPDATE "
            + TABLE
            + " SET lease_until = clock_timestamp() + ? * interval '1 millisecond'"
            + " WHERE owner = ? AND state = 'running'";
    try (PreparedStatement statement = connection.prepareStatement(update)) {
      statement.setInt(1, settings.takeoverMs() / LEASE_DIVISOR);
      statement.setObject(2, owner);
      return statement.executeUpdate();
    }
  }

  /** For metrics: what all instances have together. */
  private int count(Connection connection, Cancelling cancelling) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(COUNTS);
        ResultSet counted = statement.executeQuery()) {
      counted.next();
      queued.set(counted.getInt(1));
      kept.set(counted.getInt(3));
      return queued.get();
    }
  }

  private int forgetOld(Connection connection, Cancelling cancelling) throws SQLException {
    String delete =
        "DELETE FROM "
            + TABLE
            + " WHERE state IN ('done', 'failed') AND (ended_at < clock_timestamp() - ? * interval"
            + " '1 millisecond' OR ended_at < (SELECT ended_at FROM "
            + TABLE
            + " WHERE state IN ('done', 'failed') ORDER BY ended_at DESC OFFSET ? LIMIT 1))";
    try (PreparedStatement statement = connection.prepareStatement(delete)) {
      statement.setInt(1, settings.resultTtlMs());
      statement.setInt(2, Math.max(0, settings.resultsKept() - 1));
      return statement.executeUpdate();
    }
  }

  @Override
  public String what() {
    return "tasks";
  }

  /** Those that are being done here; others do the rest. */
  @Override
  public int unfinished() {
    return running.get();
  }

  @Override
  public void drain() {
    draining = true;
    work.release(settings.workers());
  }

  /** What is being done still, others begin anew, and at once. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    drain();
    boolean busy = running.get() > 0;
    threads.forEach(Thread::interrupt);
    try {
      for (Thread thread : threads) {
        thread.join(CLOSE_MS);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    if (busy) {
      giveBack();
    }
    pool.close();
  }

  private void giveBack() {
    String update =
        "UPDATE "
            + TABLE
            + " SET state = 'queued', owner = NULL WHERE owner = ? AND state = 'running'";
    try {
      int given =
          ask(
              (connection, _) -> {
                try (PreparedStatement statement = connection.prepareStatement(update)) {
                  statement.setObject(1, owner);
                  return statement.executeUpdate();
                }
              });
      if (given > 0) {
        log().info("{} tasks are left to other instances", given);
      }
    } catch (DatabaseException e) {
      log().warn("tasks that were being done are taken over later: {}", e.getMessage());
    }
  }

  /** Not a constant: logging is configured by main, after this class may have been loaded. */
  private static Logger log() {
    return LoggerFactory.getLogger(PostgresTasks.class);
  }
}
