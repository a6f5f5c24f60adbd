package dev.handlermodels.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** The JSON documents that the endpoints answer with. Times are milliseconds, with fractions. */
public final class Results {
  private Results() {}

  /** A thread and its kind. */
  public record ThreadRef(String name, ThreadKind kind) {}

  /**
   * @param thread the thread that ran the handler
   * @param waitedIn the thread that stood still until the upstream answered; null where none did
   * @param tookMs from the start of the handler to the answer of the upstream
   */
  public record Io(
      String server,
      String model,
      String endpoint,
      String thread,
      ThreadKind threadKind,
      ThreadRef waitedIn,
      int waitMs,
      double tookMs,
      Upstream upstream) {}

  /** What the upstream says of the call: how long it held it. */
  public record Upstream(@JsonProperty(required = true) double waitedMs) {}

  /**
   * How the calls of a fan-out went.
   *
   * @param calls asked for
   * @param made calls that were begun and have ended
   * @param tookMs from the start of the handler to the last answer
   */
  public record FanOut(
      String server,
      String model,
      String endpoint,
      String thread,
      ThreadKind threadKind,
      int calls,
      int waitMs,
      Concurrency concurrency,
      int made,
      int succeeded,
      int failed,
      double tookMs) {}

  /**
   * How many calls were to run at once.
   *
   * @param effective what connections, threads and the number of calls allowed
   */
  public record Concurrency(int requested, int effective) {}

  /**
   * What a gateway has gathered.
   *
   * @param complete whether every service has answered
   * @param services by name
   */
  public record Aggregate(
      String server,
      String model,
      String endpoint,
      String thread,
      ThreadKind threadKind,
      String user,
      boolean complete,
      Map<String, Part> services,
      double tookMs) {}

  /**
   * What came of one service.
   *
   * @param status ok, late or broken
   * @param tookMs from the start of the calls to its answer or failure
   * @param detail why there is no content; null where there is
   * @param content what the service said; null where it said nothing of use
   */
  public record Part(String status, double tookMs, String detail, JsonNode content) {}

  /** The part of a service's answer that is passed on. */
  public record ServiceAnswer(@JsonProperty(required = true) JsonNode content) {}

  /** A file's content beside what read it. */
  public record File(
      String server,
      String model,
      String endpoint,
      String thread,
      ThreadKind threadKind,
      double tookMs,
      JsonNode content) {}

  /**
   * Work for a processor.
   *
   * @param computedIn the thread that computed
   * @param tookMs from the start of the handler to the end of the work, the wait for a worker
   *     included
   */
  public record Cpu(
      String server,
      String model,
      String endpoint,
      String thread,
      ThreadKind threadKind,
      ThreadRef computedIn,
      int work,
      double tookMs,
      Computed computed) {}

  /**
   * What the work came to.
   *
   * @param hash the last of the chain, in hexadecimal digits; see {@code HashChain}
   * @param tookMs the work alone
   */
  public record Computed(String hash, double tookMs) {}

  /** An upstream call and then work for a processor: {@link Io} and {@link Cpu} in one. */
  public record Mixed(
      String server,
      String model,
      String endpoint,
      String thread,
      ThreadKind threadKind,
      ThreadRef waitedIn,
      ThreadRef computedIn,
      int waitMs,
      int work,
      double tookMs,
      Upstream upstream,
      Computed computed) {}

  /**
   * Calls, queries and CPU work that were done one after the other.
   *
   * @param steps what was done, in order
   */
  public record Steps(
      String server,
      String model,
      String endpoint,
      String thread,
      ThreadKind threadKind,
      List<String> steps,
      double tookMs) {}

  /** A row of the database. */
  public record Row(int id, String content) {}

  /**
   * Rows read from the database.
   *
   * @param waitedIn the thread that stood still for connection and queries; null where none did
   * @param acquireMs the wait for a connection
   * @param queryMs from the first query to the last row
   * @param tookMs from the start of the handler to the last row
   */
  public record Rows(
      String server,
      String model,
      String endpoint,
      String thread,
      ThreadKind threadKind,
      ThreadRef waitedIn,
      int queries,
      int holdMs,
      double acquireMs,
      double queryMs,
      double tookMs,
      List<Row> rows) {}

  /**
   * A counter in the database that was raised by 1.
   *
   * @param value what it is now
   */
  public record Counter(
      String server,
      String model,
      String endpoint,
      String thread,
      ThreadKind threadKind,
      ThreadRef waitedIn,
      double acquireMs,
      double queryMs,
      double tookMs,
      long value) {}

  /**
   * A task.
   *
   * @param acceptedAt ISO 8601, UTC
   * @param worker the thread that works or worked on it; null until one does
   * @param queuedMs from acceptance to start; null until then
   * @param tookMs from start to end; null until then
   * @param result null unless it is done
   * @param problem null unless it failed
   */
  public record Task(
      String server,
      String id,
      TaskState state,
      String acceptedAt,
      String worker,
      Double queuedMs,
      Double tookMs,
      TaskResult result,
      Problem problem) {}

  /**
   * @param sha256 of the text, hexadecimal
   * @param upstream null where the task did not ask for a call
   */
  public record TaskResult(String sha256, Upstream upstream) {}

  /**
   * Tasks, the one accepted last comes first.
   *
   * @param kept tasks that have ended and can still be asked for
   */
  public record Tasks(String server, int queued, int running, int kept, List<Task> tasks) {}

  /**
   * An item of a stream.
   *
   * @param item counted from 1
   * @param thread the thread that wrote it
   * @param lateMs how long after its time it was handed to the framework
   */
  public record StreamItem(
      String server, String thread, ThreadKind threadKind, int item, double lateMs) {}

  /**
   * The last event of a stream.
   *
   * @param items how many were sent
   * @param reason complete, or shutdown
   */
  public record StreamEnd(String server, int items, String reason) {}

  /**
   * How a race ended.
   *
   * @param threads that ran its tasks
   * @param expected one for each task
   * @param counted what the counter says
   * @param lost the difference
   */
  public record Race(
      String server,
      String model,
      String endpoint,
      String thread,
      ThreadKind threadKind,
      int tasks,
      boolean safe,
      int threads,
      int expected,
      int counted,
      int lost,
      double tookMs) {}

  /**
   * What {@code GET /} says. It makes its own JSON, because {@code ./bench throughput} holds it
   * against the bare framework: Jackson's generator took a twentieth of the whole request.
   *
   * @param template the parts that are the same for each request
   */
  public record Root(RootTemplate template, String thread, ThreadKind threadKind, double tookMs)
      implements Json.Written {

    @Override
    public byte[][] parts() {
      return template.filled(thread, threadKind, tookMs);
    }
  }

  /** A line of the endpoint table. */
  public record EndpointInfo(String method, String path, String summary) {}

  /** What the health endpoints say. */
  public record Health(String status, String server) {}
}
