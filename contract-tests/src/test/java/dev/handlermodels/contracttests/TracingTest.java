package dev.handlermodels.contracttests;

import static io.opentelemetry.api.common.AttributeKey.longKey;
import static io.opentelemetry.api.common.AttributeKey.stringKey;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.handlermodels.api.settings.Settings;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.data.StatusData;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A trace goes through the server: from the client's traceparent to that of the upstream call. */
@Rules
class TracingTest {
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String PARENT = "00f067aa0ba902b7";
  private static final String TRACEPARENT = "00-" + TRACE + "-" + PARENT + "-01";
  private static final int MANY = 100;

  /** Real spans through the real batch span processor, which is made to look at once. */
  private static final Map<String, String> ON =
      Map.of("OTEL_TRACES_EXPORTER", "memory", "OTEL_BSP_SCHEDULE_DELAY", "1");

  @Nested
  class Vertx extends Tracing {
    Vertx() {
      super(Model.VERTX);
    }
  }

  @Nested
  class Nima extends Tracing {
    Nima() {
      super(Model.NIMA);
    }
  }

  @Nested
  class Blocking extends Tracing {
    Blocking() {
      super(Model.BLOCKING);
    }
  }

  abstract static class Tracing {
    final Model model;

    Tracing(Model model) {
      this.model = model;
    }

    /**
     * Request number i asks the upstream for a wait of i ms, so that each call says whose it is;
     * none is answered before all are there.
     */
    @ParameterizedTest
    @ValueSource(strings = {"/io?waitMs=", "/io/offloaded?waitMs=", "/mixed?work=1&waitMs="})
    void each_of_many_calls_at_once_carries_the_trace_of_its_own_request(String target) {
      Map<String, String> settings = new HashMap<>(ON);
      settings.putAll(Map.of("POOL_SIZE", "" + MANY, "WORKERS", "" + MANY));
      try (Gate gate = Gate.shut();
          Running server = model.start(gate.url(), settings)) {
        List<CompletableFuture<Answer>> answers = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
          String traceparent = "00-" + traceId(i) + "-" + parentId(i) + "-01";
          answers.add(server.main().start(target + i, Map.of("traceparent", traceparent)));
        }
        gate.awaitWaiting(MANY);
        gate.open();
        assertThat(Await.all(answers)).allMatch(answer -> answer.status() == 200);

        SpansInMemory.Exporter exporter = SpansInMemory.latest();
        Map<String, SpanData> requests = byTrace(exporter.awaitSpans(SpanKind.SERVER, MANY));
        Map<String, SpanData> calls = byTrace(exporter.awaitSpans(SpanKind.CLIENT, MANY));
        Set<Integer> seen = new HashSet<>();
        for (List<String> head : gate.heads()) {
          int i = waitMs(head);
          SpanData request = requests.get(traceId(i));
          SpanData call = calls.get(traceId(i));
          assertThat(request.getParentSpanId()).isEqualTo(parentId(i));
          assertThat(call.getParentSpanId()).isEqualTo(request.getSpanId());
          assertThat(field(head, "traceparent"))
              .isEqualTo("00-" + traceId(i) + "-" + call.getSpanId() + "-01");
          seen.add(i);
        }
        assertThat(seen).hasSize(MANY);
      }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/io/blocking", "/io/pinned"})
    void the_blocking_call_on_the_request_s_own_thread_carries_it_too(String path) {
      try (Gate gate = Gate.opened();
          Running server = model.start(gate.url(), ON)) {
        server.main().get(path + "?waitMs=0", Map.of("traceparent", TRACEPARENT));
        assertThat(field(gate.heads().getFirst(), "traceparent")).startsWith("00-" + TRACE + "-");
      }
    }

    @Test
    void the_calls_of_a_fan_out_are_siblings_in_one_trace() {
      try (Gate gate = Gate.opened();
          Running server = model.start(gate.url(), ON)) {
        server
            .main()
            .get("/fanout?calls=20&concurrency=5&waitMs=0", Map.of("traceparent", TRACEPARENT));
        SpanData request = SpansInMemory.latest().awaitSpans(SpanKind.SERVER, 1).getFirst();
        List<SpanData> calls = SpansInMemory.latest().awaitSpans(SpanKind.CLIENT, 20);
        assertThat(calls)
            .allMatch(call -> call.getParentSpanId().equals(request.getSpanId()))
            .allMatch(call -> call.getTraceId().equals(TRACE));
        assertThat(gate.heads())
            .extracting(head -> field(head, "traceparent"))
            .containsExactlyInAnyOrderElementsOf(
                calls.stream()
                    .map(call -> "00-" + TRACE + "-" + call.getSpanId() + "-01")
                    .toList());
      }
    }

    @Test
    void spans_are_named_and_attributed_as_the_semantic_conventions_say() {
      try (Gate gate = Gate.opened();
          Running server = model.start(gate.url(), ON)) {
        server.main().get("/io?waitMs=0");
        SpanData request = SpansInMemory.latest().awaitSpans(SpanKind.SERVER, 1).getFirst();
        SpanData call = SpansInMemory.latest().awaitSpans(SpanKind.CLIENT, 1).getFirst();
        assertThat(request.getName()).isEqualTo("GET /io");
        assertThat(request.getParentSpanContext().isValid()).isFalse();
        assertThat(request.getResource().getAttribute(stringKey("service.name")))
            .isEqualTo("handler-models-" + model);
        assertThat(request.getAttributes().asMap())
            .containsOnly(
                Map.entry(stringKey("http.request.method"), "GET"),
                Map.entry(stringKey("http.route"), "/io"),
                Map.entry(longKey("http.response.status_code"), 200L),
                Map.entry(stringKey("url.path"), "/io"),
                Map.entry(stringKey("url.scheme"), "http"),
                Map.entry(stringKey("server.address"), "127.0.0.1"),
                Map.entry(longKey("server.port"), (long) server.instance().port()));
        assertThat(call.getName()).isEqualTo("GET");
        assertThat(call.getAttributes().asMap())
            .containsOnly(
                Map.entry(stringKey("http.request.method"), "GET"),
                Map.entry(longKey("http.response.status_code"), 200L),
                Map.entry(stringKey("url.full"), gate.url() + "/wait?waitMs=0"),
                Map.entry(stringKey("server.address"), "127.0.0.1"),
                Map.entry(longKey("server.port"), (long) gate.url().getPort()));
        assertThat(call.getStartEpochNanos()).isGreaterThanOrEqualTo(request.getStartEpochNanos());
        assertThat(call.getEndEpochNanos()).isLessThanOrEqualTo(request.getEndEpochNanos());
      }
    }

    @ParameterizedTest
    @CsvSource({
      "/nothing, GET, 404, false",
      "/io?waitMs=-1, GET /io, 400, false",
      "/io, GET /io, 502, true"
    })
    void a_refused_request_has_a_span_and_only_a_failure_of_ours_is_an_error(
        String target, String name, long status, boolean error) {
      try (Running server = model.start(URI.create("http://127.0.0.1:1"), ON)) {
        assertThat(server.main().get(target).status()).isEqualTo((int) status);
        SpanData request = SpansInMemory.latest().awaitSpans(SpanKind.SERVER, 1).getFirst();
        assertThat(request.getName()).isEqualTo(name);
        assertThat(request.getAttributes().get(longKey("http.response.status_code")))
            .isEqualTo(status);
        assertThat(request.getStatus()).isEqualTo(error ? StatusData.error() : StatusData.unset());
        if (error) {
          SpanData call = SpansInMemory.latest().awaitSpans(SpanKind.CLIENT, 1).getFirst();
          assertThat(call.getStatus()).isEqualTo(StatusData.error());
          assertThat(call.getAttributes().get(stringKey("error.type"))).isEqualTo("unreachable");
        }
      }
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "",
          "x",
          "00-" + TRACE + "-" + PARENT,
          "00-" + TRACE + "-" + PARENT + "-01-more",
          "ff-" + TRACE + "-" + PARENT + "-01",
          "0-" + TRACE + "-" + PARENT + "-01",
          "00-00000000000000000000000000000000-" + PARENT + "-01",
          "00-" + TRACE + "-0000000000000000-01",
          "00-4BF92F3577B34DA6A3CE929D0E0E4736-" + PARENT + "-01",
          "00-4bf92f3577b34da6a3ce929d0e0e473g-" + PARENT + "-01",
          "00-" + TRACE + "-" + PARENT + "-0g",
          "00_" + TRACE + "_" + PARENT + "_01",
          TRACEPARENT + "," + TRACEPARENT
        })
    void a_malformed_traceparent_is_ignored_and_a_new_trace_begins(String malformed) {
      try (Gate gate = Gate.opened();
          Running server = model.start(gate.url(), ON)) {
        Answer answer = server.main().get("/io?waitMs=0", Map.of("traceparent", malformed));
        assertThat(answer.status()).isEqualTo(200);
        assertBeginsNewTrace(gate);
      }
    }

    @Test
    void two_traceparents_are_ignored_and_a_new_trace_begins() {
      try (Gate gate = Gate.opened();
          Running server = model.start(gate.url(), ON);
          Raw connection = server.connect()) {
        String field = "traceparent: " + TRACEPARENT + "\r\n";
        connection.send(
            "GET /io?waitMs=0 HTTP/1.1\r\nHost: localhost\r\n" + field + field + "\r\n");
        assertThat(connection.read().status()).isEqualTo(200);
        assertBeginsNewTrace(gate);
      }
    }

    private void assertBeginsNewTrace(Gate gate) {
      SpanData request = SpansInMemory.latest().awaitSpans(SpanKind.SERVER, 1).getFirst();
      assertThat(request.getParentSpanContext().isValid()).isFalse();
      assertThat(request.getTraceId()).isNotEqualTo(TRACE);
      // 03: sampled, and of a trace id that is random, as the second level of the standard says.
      assertThat(field(gate.heads().getFirst(), "traceparent"))
          .matches("00-" + request.getTraceId() + "-[0-9a-f]{16}-03");
    }

    /** W3C Trace Context, 3.3.1.1: members may be empty. */
    @ParameterizedTest
    @ValueSource(strings = {"a=1,,b=2", ",a=1,b=2", "a=1,b=2,", "a=1 , ,\tb=2", ",,a=1,,,b=2,,"})
    void empty_members_of_tracestate_cost_none_of_the_others(String tracestate) {
      try (Gate gate = Gate.opened();
          Running server = model.start(gate.url(), ON)) {
        server
            .main()
            .get("/io?waitMs=0", Map.of("traceparent", TRACEPARENT, "tracestate", tracestate));
        assertThat(field(gate.heads().getFirst(), "tracestate")).isEqualTo("a=1,b=2");
      }
    }

    @Test
    void other_propagators_of_OpenTelemetry_are_there_too() {
      Map<String, String> settings = new HashMap<>(ON);
      settings.put("OTEL_PROPAGATORS", "tracecontext,baggage,b3");
      try (Gate gate = Gate.opened();
          Running server = model.start(gate.url(), settings)) {
        Map<String, String> fields =
            Map.of("b3", TRACE + "-" + parentId(0) + "-1", "baggage", "user=ada");
        server.main().get("/io?waitMs=0", fields);
        List<String> head = gate.heads().getFirst();
        assertThat(field(head, "traceparent")).startsWith("00-" + TRACE + "-");
        assertThat(field(head, "b3")).startsWith(TRACE + "-");
        assertThat(field(head, "baggage")).isEqualTo("user=ada");
      }
    }

    @Test
    void the_client_s_tracestate_and_its_wish_not_to_be_sampled_are_handed_on() {
      try (Gate gate = Gate.opened();
          Running server = model.start(gate.url(), ON)) {
        String unsampled = "00-" + TRACE + "-" + PARENT + "-00";
        server
            .main()
            .get("/io?waitMs=0", Map.of("traceparent", unsampled, "tracestate", "a=1,b=2"));
        List<String> head = gate.heads().getFirst();
        assertThat(field(head, "traceparent")).matches("00-" + TRACE + "-[0-9a-f]{16}-00");
        assertThat(field(head, "tracestate")).isEqualTo("a=1,b=2");
        server.instance().drain();
        assertThat(SpansInMemory.latest().spans()).isEmpty();
      }
    }

    /** Not even a slow machine takes a second for each of these. */
    @Test
    void more_traces_a_second_than_asked_for_are_handed_on_but_not_recorded() {
      Map<String, String> settings = new HashMap<>(ON);
      settings.put("TRACES_PER_SECOND", "1");
      try (Gate gate = Gate.opened();
          Running server = model.start(gate.url(), settings)) {
        for (int i = 0; i < 20; i++) {
          server.main().get("/fanout?calls=3&concurrency=3&waitMs=0");
        }
        assertThat(server.instance().drain()).isEmpty();
        Set<String> recorded = new HashSet<>();
        SpansInMemory.latest().spans().forEach(span -> recorded.add(span.getTraceId()));
        assertThat(recorded).hasSizeBetween(1, 19);
        assertThat(SpansInMemory.latest().spans()).hasSize(4 * recorded.size());

        Map<String, Set<String>> flags = new HashMap<>();
        Map<String, Set<String>> calls = new HashMap<>();
        for (List<String> head : gate.heads()) {
          String[] parts = field(head, "traceparent").split("-");
          flags.computeIfAbsent(parts[1], _ -> new HashSet<>()).add(parts[3]);
          calls.computeIfAbsent(parts[1], _ -> new HashSet<>()).add(parts[2]);
        }
        assertThat(flags).as("a trace for each request").hasSize(20);
        assertThat(flags)
            .allSatisfy(
                (trace, its) ->
                    assertThat(its).containsExactly(recorded.contains(trace) ? "03" : "02"));
        assertThat(calls.values()).allMatch(ids -> ids.size() == 3);
      }
    }

    @Test
    void traces_that_clients_began_and_those_of_a_sampler_that_is_named_are_all_recorded() {
      Map<String, String> settings = new HashMap<>(ON);
      settings.put("TRACES_PER_SECOND", "1");
      assertRecorded(settings, Map.of("traceparent", TRACEPARENT));
      settings.put("OTEL_TRACES_SAMPLER", "parentbased_always_on");
      assertRecorded(settings, Map.of());
    }

    private void assertRecorded(Map<String, String> settings, Map<String, String> headers) {
      try (Gate gate = Gate.opened();
          Running server = model.start(gate.url(), settings)) {
        for (int i = 0; i < 20; i++) {
          server.main().get("/", headers);
        }
        assertThat(server.instance().drain()).isEmpty();
        assertThat(SpansInMemory.latest().spans()).hasSize(20);
      }
    }

    @Test
    void nothing_is_handed_on_where_tracing_is_off() {
      try (Gate gate = Gate.opened();
          Running server = model.start(gate.url(), Map.of("OTEL_SERVICE_NAME", "idle"))) {
        server.main().get("/io?waitMs=0", Map.of("traceparent", TRACEPARENT));
        assertThat(field(gate.heads().getFirst(), "traceparent")).isNull();
      }
    }

    @Test
    void draining_waits_for_the_spans_of_the_last_requests() {
      Map<String, String> settings = new HashMap<>(ON);
      settings.put("OTEL_BSP_SCHEDULE_DELAY", "3600000");
      try (Gate gate = Gate.opened();
          Running server = model.start(gate.url(), settings)) {
        server.main().get("/io?waitMs=0");
        server.main().get("/");
        assertThat(SpansInMemory.latest().spans()).isEmpty();
        assertThat(server.instance().drain()).isEmpty();
        assertThat(SpansInMemory.latest().spans()).hasSize(3);
      }
    }

    @Test
    void a_full_queue_drops_spans_and_counts_them_and_holds_up_no_request() {
      Map<String, String> settings = new HashMap<>(ON);
      settings.putAll(
          Map.of("OTEL_BSP_MAX_QUEUE_SIZE", "4", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "4"));
      try (Gate gate = Gate.opened();
          Running server = model.start(gate.url(), settings)) {
        SpansInMemory.latest().hold();
        for (int i = 0; i < 20; i++) {
          assertThat(server.main().get("/").status()).isEqualTo(200);
        }
        server.awaitInFlight(0);
        // At most a batch of 4 is with the exporter and a queue of 4 waits for it.
        assertThat(dropped(server)).isBetween(20 - 8, 20);
        SpansInMemory.latest().release();
      }
    }

    private static int dropped(Running server) {
      return server
          .management()
          .get("/metrics")
          .text()
          .lines()
          .filter(line -> line.startsWith("otel_sdk_processor_span_processed_total{"))
          .filter(line -> line.contains("error_type=\"queue_full\""))
          .mapToInt(line -> (int) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
          .findFirst()
          .orElseThrow();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "OTEL_TRACES_EXPORTER, nowhere",
    "OTEL_EXPORTER_OTLP_PROTOCOL, grpc",
    "OTEL_TRACES_SAMPLER, sometimes",
    "OTEL_BSP_MAX_QUEUE_SIZE, many",
    "OTEL_PROPAGATORS, pigeon"
  })
  void what_OpenTelemetry_cannot_do_is_refused_at_the_start(String name, String value) {
    Map<String, String> settings = new HashMap<>();
    settings.put("OTEL_TRACES_EXPORTER", "otlp");
    settings.put(name, value);
    try (Gate gate = Gate.opened()) {
      assertThatThrownBy(() -> Model.VERTX.start(gate.url(), settings))
          .isInstanceOf(Settings.SettingsException.class)
          .hasMessageStartingWith("OTEL_*: ");
    }
  }

  private static String traceId(int i) {
    return "%032x".formatted(i + 1);
  }

  private static String parentId(int i) {
    return "%016x".formatted(i + 1);
  }

  private static Map<String, SpanData> byTrace(List<SpanData> spans) {
    Map<String, SpanData> byTrace = new HashMap<>();
    for (SpanData span : spans) {
      assertThat(byTrace.put(span.getTraceId(), span)).as("two in one trace").isNull();
    }
    return byTrace;
  }

  private static int waitMs(List<String> head) {
    return Integer.parseInt(head.getFirst().replaceAll("^GET /wait\\?waitMs=(\\d+) .*$", "$1"));
  }

  private static String field(List<String> head, String name) {
    return head.stream()
        .filter(line -> line.regionMatches(true, 0, name + ":", 0, name.length() + 1))
        .map(line -> line.substring(name.length() + 1).strip())
        .findFirst()
        .orElse(null);
  }
}
