package dev.handlermodels.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.SerializableString;
import tools.jackson.databind.JacksonSerializable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.jsontype.TypeSerializer;

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
   * @param hash the last of the chain, in hexadecimal digits; see {@link HashChain}
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
   * What {@code GET /} says. It writes itself, because it is what {@code ./bench throughput} holds
   * against the bare framework: reflection took a quarter of the time of its JSON.
   *
   * @param endpoints a list of {@link EndpointInfo}, as JSON
   */
  public record Root(
      String server,
      String model,
      String thread,
      ThreadKind threadKind,
      double tookMs,
      SerializableString endpoints)
      implements JacksonSerializable {

    @Override
    public void serialize(JsonGenerator json, SerializationContext context) {
      json.writeStartObject();
      json.writeStringProperty("server", server);
      json.writeStringProperty("model", model);
      json.writeStringProperty("thread", thread);
      json.writeStringProperty("threadKind", threadKind.label());
      json.writeNumberProperty("tookMs", tookMs);
      json.writeName("endpoints");
      json.writeRawValue(endpoints);
      json.writeEndObject();
    }

    @Override
    public void serializeWithType(
        JsonGenerator json, SerializationContext context, TypeSerializer type) {
      serialize(json, context); // its type is known
    }
  }

  /** A line of the endpoint table. */
  public record EndpointInfo(String method, String path, String summary) {}

  /** What the health endpoints say. */
  public record Health(String status, String server) {}
}
