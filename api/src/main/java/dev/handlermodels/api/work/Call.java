package dev.handlermodels.api.work;

import dev.handlermodels.api.Aggregate;
import dev.handlermodels.api.Endpoint;
import dev.handlermodels.api.FanOut;
import dev.handlermodels.api.Json;
import dev.handlermodels.api.Query;
import dev.handlermodels.api.Race;
import dev.handlermodels.api.Results;
import dev.handlermodels.api.Steps;
import dev.handlermodels.api.database.DatabaseAnswer;
import dev.handlermodels.api.upstream.UpstreamAnswer;
import java.util.List;
import java.util.Map;

/** One run of a handler: where and when it started, and the result it leads to. */
public final class Call {
  private static final double NANOS_PER_MS = 1e6;

  private final ServerIdentity identity;
  private final Endpoint endpoint;
  private final Thread thread = Thread.currentThread();
  private final long startNanos = System.nanoTime();

  public Call(ServerIdentity identity, Endpoint endpoint) {
    this.identity = identity;
    this.endpoint = endpoint;
  }

  /**
   * The result of an upstream call.
   *
   * @param answer what the upstream said, with the thread that stood still for it
   */
  public Results.Io io(int waitMs, UpstreamAnswer answer) {
    return new Results.Io(
        identity.server(),
        identity.model(),
        endpoint.path(),
        thread.getName(),
        identity.census().kindOf(thread),
        ref(answer.waitedIn()),
        waitMs,
        tookMs(),
        answer.body());
  }

  /**
   * The result of many upstream calls.
   *
   * @throws RuntimeException the first failure, where no call succeeded
   */
  public Results.FanOut fanOut(FanOut asked, Tally tally) {
    tally.throwIfAllFailed();
    return new Results.FanOut(
        identity.server(),
        identity.model(),
        endpoint.path(),
        thread.getName(),
        identity.census().kindOf(thread),
        asked.calls(),
        asked.waitMs(),
        new Results.Concurrency(asked.requested(), tally.concurrency()),
        tally.made(),
        tally.succeededCount(),
        tally.failedCount(),
        tookMs());
  }

  /**
   * The result of asking several services.
   *
   * @throws UpstreamException where none has answered
   */
  public Results.Aggregate aggregate(Aggregate asked, Gathered gathered) {
    gathered.throwIfAllFailed();
    return new Results.Aggregate(
        identity.server(),
        identity.model(),
        endpoint.path(),
        thread.getName(),
        identity.census().kindOf(thread),
        asked.user(),
        gathered.isComplete(),
        gathered.parts(),
        tookMs());
  }

  /**
   * The result of reading a file.
   *
   * @param json the file's bytes
   */
  public Results.File file(byte[] json) {
    return new Results.File(
        identity.server(),
        identity.model(),
        endpoint.path(),
        thread.getName(),
        identity.census().kindOf(thread),
        tookMs(),
        Json.tree(json));
  }

  /** The result of work for a processor. */
  public Results.Cpu cpu(int work, CpuWork.Done done) {
    return new Results.Cpu(
        identity.server(),
        identity.model(),
        endpoint.path(),
        thread.getName(),
        identity.census().kindOf(thread),
        ref(done.computedIn()),
        work,
        tookMs(),
        done.computed());
  }

  /** The result of an upstream call and the work after it. */
  public Results.Mixed mixed(Query.Mixed asked, UpstreamAnswer answer, CpuWork.Done done) {
    return new Results.Mixed(
        identity.server(),
        identity.model(),
        endpoint.path(),
        thread.getName(),
        identity.census().kindOf(thread),
        ref(answer.waitedIn()),
        ref(done.computedIn()),
        asked.waitMs(),
        asked.work(),
        tookMs(),
        answer.body(),
        done.computed());
  }

  /** The result of steps that are all done. */
  public Results.Steps steps(Steps asked) {
    return new Results.Steps(
        identity.server(),
        identity.model(),
        endpoint.path(),
        thread.getName(),
        identity.census().kindOf(thread),
        asked.texts(),
        tookMs());
  }

  /** The result of reading rows from the database. */
  public Results.Rows rows(Query.Rows asked, DatabaseAnswer<List<Results.Row>> answer) {
    return new Results.Rows(
        identity.server(),
        identity.model(),
        endpoint.path(),
        thread.getName(),
        identity.census().kindOf(thread),
        ref(answer.waitedIn()),
        asked.queries(),
        asked.holdMs(),
        answer.acquireNanos() / NANOS_PER_MS,
        answer.queryNanos() / NANOS_PER_MS,
        tookMs(),
        answer.value());
  }

  /** The result of raising a counter in the database. */
  public Results.Counter counter(DatabaseAnswer<Long> answer) {
    return new Results.Counter(
        identity.server(),
        identity.model(),
        endpoint.path(),
        thread.getName(),
        identity.census().kindOf(thread),
        ref(answer.waitedIn()),
        answer.acquireNanos() / NANOS_PER_MS,
        answer.queryNanos() / NANOS_PER_MS,
        tookMs(),
        answer.value());
  }

  /** The result of a race that is over. */
  public Results.Race race(Race race) {
    return new Results.Race(
        identity.server(),
        identity.model(),
        endpoint.path(),
        thread.getName(),
        identity.census().kindOf(thread),
        race.tasks(),
        race.safe(),
        race.threads(),
        race.tasks(),
        race.counted(),
        race.tasks() - race.counted(),
        tookMs());
  }

  public Results.Root root() {
    return new Results.Root(
        identity.root(), thread.getName(), identity.census().kindOf(thread), tookMs());
  }

  /** Who answered, as header fields: for an answer whose body is not ours. */
  public Map<String, String> headers() {
    return Map.of(
        "Handler-Server", identity.server(),
        "Handler-Thread", thread.getName(),
        "Handler-Thread-Kind", identity.census().kindOf(thread).label());
  }

  /** Null for none. */
  private Results.ThreadRef ref(Thread other) {
    return other == null
        ? null
        : new Results.ThreadRef(other.getName(), identity.census().kindOf(other));
  }

  private double tookMs() {
    return (System.nanoTime() - startNanos) / NANOS_PER_MS;
  }
}
