package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.api.Json;
import dev.handlermodels.upstream.Fault;
import dev.handlermodels.upstream.UpstreamServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** {@code /metrics}: what operators expect, under the same names on all three. */
@Rules
class MetricsTest {
  private static final Path ALERTS = Path.of("..", "deploy", "alerts.yaml");
  private static final Path DASHBOARD = Path.of("..", "deploy", "grafana", "handler-models.json");

  /** Handlers run on event loops in server-vertx alone; docs/design.md says so. */
  private static final Set<String> OF_EVENT_LOOPS =
      Set.of(
          "event_loop_lag_seconds",
          "event_loop_lag_max_seconds",
          "event_loop_stalled_seconds_total");

  /** What the one who scrapes adds. */
  private static final Set<String> OF_PROMETHEUS = Set.of("up");

  private static final Pattern SAMPLE = Pattern.compile("^([a-zA-Z_:][a-zA-Z0-9_:]*)[{ ].*$");

  /** In PromQL a name that is none of a metric: labels, functions, keywords. */
  private static final Set<String> WORDS = Set.of("by", "without", "on", "and", "or", "unless");

  private final Map<Model, String> metrics = new EnumMap<>(Model.class);

  @BeforeAll
  void ask() {
    for (Model model : Model.values()) {
      metrics.put(model, metrics(model));
    }
  }

  /** After a request of each kind, one of them refused, and a collection. */
  private static String metrics(Model model) {
    Map<String, String> settings =
        Map.of("OTEL_TRACES_EXPORTER", "memory", "OTEL_BSP_SCHEDULE_DELAY", "1");
    try (Gate gate = Gate.opened();
        Running server = model.start(gate.url(), settings)) {
      for (String target : List.of("/", "/io?waitMs=0", "/io/offloaded?waitMs=0", "/nothing")) {
        server.main().get(target);
      }
      server.awaitInFlight(0);
      System.gc();
      Await.until(
          "the collection is counted", () -> text(server).contains("jvm_gc_pause_seconds_sum"));
      return text(server);
    }
  }

  private static String text(Running server) {
    return server.management().get("/metrics").text();
  }

  @ParameterizedTest
  @EnumSource(Model.class)
  void the_names_are_the_same_on_all_three_but_for_those_of_event_loops(Model model) {
    Set<String> expected = new TreeSet<>(names(Model.VERTX));
    if (model != Model.VERTX) {
      expected.removeAll(OF_EVENT_LOOPS);
    }
    assertThat(names(model)).isEqualTo(expected).hasSizeGreaterThan(40);
    assertThat(names(Model.VERTX)).containsAll(OF_EVENT_LOOPS);
  }

  private Set<String> names(Model model) {
    return metrics
        .get(model)
        .lines()
        .filter(line -> !line.startsWith("#"))
        .map(line -> SAMPLE.matcher(line).replaceFirst("$1"))
        // How many generations there are depends on the collector of the JVM that runs the tests.
        .filter(name -> !name.startsWith("jvm_gc_concurrent"))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @ParameterizedTest
  @EnumSource(Model.class)
  void requests_are_counted_and_timed_by_route_method_and_status(Model model) {
    assertThat(
            value(
                model,
                "http_server_requests_seconds_count",
                "route=\"/io\"",
                "method=\"GET\"",
                "status=\"200\""))
        .isEqualTo(1);
    assertThat(
            value(
                model,
                "http_server_requests_seconds_bucket",
                "route=\"/io\"",
                "status=\"200\"",
                "le=\"+Inf\""))
        .isEqualTo(1);
    assertThat(
            value(
                model,
                "http_server_requests_seconds_count",
                "route=\"unmatched\"",
                "status=\"404\""))
        .isEqualTo(1);
    assertThat(value(model, "http_server_requests_in_flight")).isZero();
    assertThat(value(model, "http_server_requests_rejected_total")).isZero();
  }

  @ParameterizedTest
  @EnumSource(Model.class)
  void calls_to_the_upstream_are_timed_by_outcome(Model model) throws IOException {
    String name = "upstream_call_seconds_bucket";
    // One of the loop's, a virtual thread's or a pool's, and one of a worker's.
    assertThat(value(model, name, "upstream=\"wait\"", "outcome=\"answered\"", "le=\"+Inf\""))
        .isEqualTo(2);
    assertThat(
            value(
                model,
                "upstream_call_seconds_count",
                "upstream=\"profile\"",
                "outcome=\"answered\""))
        .isZero();
    try (UpstreamServer upstream = UpstreamServer.start("127.0.0.1", 0);
        Running server = model.start(upstream.url(), Map.of("UPSTREAM_TIMEOUT_MS", "50"))) {
      assertThat(server.main().get("/io?waitMs=60000").status()).isEqualTo(504);
      upstream.misbehave(Fault.STATUS500, 0);
      assertThat(server.main().get("/io?waitMs=0").status()).isEqualTo(502);
      for (String outcome : List.of("timeout", "bad_answer")) {
        assertThat(
                value(
                    text(server),
                    "upstream_call_seconds_count",
                    "upstream=\"wait\"",
                    "outcome=\"" + outcome + "\""))
            .as(outcome)
            .isEqualTo(1);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Model.class)
  void each_pool_tells_its_size_its_use_and_its_queue(Model model) {
    for (String pool : model == Model.BLOCKING ? List.of("pool", "worker") : List.of("worker")) {
      String name = "name=\"" + pool + "\"";
      assertThat(value(model, "executor_pool_max_threads", name)).isEqualTo(40);
      assertThat(value(model, "executor_active_threads", name)).isZero();
      assertThat(value(model, "executor_queued_tasks", name)).isZero();
      assertThat(value(model, "executor_queue_remaining_tasks", name)).isEqualTo(1000);
    }
    assertThat(value(model, "executor_completed_tasks_total", "name=\"worker\"")).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource(Model.class)
  void busy_pools_and_rejected_requests_show(Model model) {
    try (Gate gate = Gate.shut();
        Running server = model.start(gate.url(), Map.of("WORKERS", "1", "QUEUE_SIZE", "1"))) {
      var first = server.main().start("/io/offloaded?waitMs=0");
      gate.awaitWaiting(1);
      var second = server.main().start("/io/offloaded?waitMs=0");
      Await.until(
          "one call waits for the worker",
          () -> value(text(server), "executor_queued_tasks", "name=\"worker\"") == 1);
      assertThat(value(text(server), "executor_active_threads", "name=\"worker\"")).isEqualTo(1);
      assertThat(value(text(server), "http_server_requests_in_flight")).isEqualTo(2);
      assertThat(server.main().get("/io/offloaded?waitMs=0").status()).isEqualTo(503);
      Await.until(
          "the refused request is counted",
          () -> value(text(server), "http_server_requests_rejected_total") == 1);
      gate.open();
      assertThat(Await.result(first).status()).isEqualTo(200);
      assertThat(Await.result(second).status()).isEqualTo(200);
    }
  }

  /** One call with native code beneath it, on each model: only a virtual thread has a carrier. */
  @ParameterizedTest
  @EnumSource(Model.class)
  void pinned_waits_are_counted_where_COUNT_PINNED_is_true(Model model) {
    assertThat(metrics.get(model)).doesNotContain("virtual_threads_pinned");
    try (UpstreamServer upstream = UpstreamServer.start("127.0.0.1", 0);
        Running server = model.start(upstream.url(), Map.of("COUNT_PINNED", "true"))) {
      double before = value(text(server), "virtual_threads_pinned_total");
      assertThat(server.main().get("/io/pinned?waitMs=50").status()).isEqualTo(200);
      if (model == Model.NIMA) {
        Await.until(
            "the wait is counted",
            () -> value(text(server), "virtual_threads_pinned_total") > before);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @EnumSource(Model.class)
  void the_process_tells_what_it_uses(Model model) {
    assertThat(value(model, "process_uptime_seconds")).isPositive();
    assertThat(value(model, "process_cpu_time_ns_total")).isPositive();
    assertThat(value(model, "jvm_info")).isEqualTo(1);
    if (Files.exists(Path.of("/proc/self/status"))) {
      assertThat(value(model, "process_resident_memory_bytes")).isGreaterThan(1024 * 1024);
    }
    assertThat(value(model, "handler_threads_virtual_started_total") > 0)
        .isEqualTo(model == Model.NIMA);
  }

  static Stream<String> expressions() throws IOException {
    JsonNode dashboard = Json.tree(Files.readAllBytes(DASHBOARD));
    return Stream.of(
            dashboard.findValues("expr").stream().map(JsonNode::asString),
            dashboard.findValues("query").stream()
                .map(JsonNode::asString)
                .filter(query -> query.startsWith("label_values(")),
            alerts().stream())
        .flatMap(all -> all);
  }

  /** What the rules ask for. */
  private static List<String> alerts() throws IOException {
    return Pattern.compile("(?m)^ {8}expr: \\|-\\n((?: {10}.*\\n)+)")
        .matcher(Files.readString(ALERTS))
        .results()
        .map(rule -> rule.group(1))
        .toList();
  }

  @Test
  void the_dashboard_and_the_alerts_ask_for_something() throws IOException {
    assertThat(expressions()).hasSizeGreaterThan(50);
    assertThat(alerts()).hasSizeGreaterThan(15);
  }

  @ParameterizedTest
  @MethodSource("expressions")
  void the_dashboard_and_the_alerts_ask_only_for_metrics_that_there_are(String expression) {
    Set<String> asked = metricNames(expression);
    assertThat(asked).isNotEmpty();
    asked.removeAll(OF_PROMETHEUS);
    asked.removeIf(name -> name.startsWith("handler_models:")); // recorded by a rule
    assertThat(names(Model.VERTX)).containsAll(asked);
    for (Model model : List.of(Model.NIMA, Model.BLOCKING)) {
      Set<String> everywhere = new HashSet<>(asked);
      everywhere.removeAll(OF_EVENT_LOOPS);
      assertThat(names(model)).containsAll(everywhere);
    }
  }

  @Test
  void metric_names_are_found_in_an_expression() {
    assertThat(
            metricNames(
                "histogram_quantile(0.9, sum by (le, a) (rate(x_bucket{l=~\"$v\","
                    + " m=\"y\"}[$__rate_interval]))) / z_total"))
        .containsExactlyInAnyOrder("x_bucket", "z_total");
    assertThat(metricNames("label_values(up{server=~\"$server\"}, instance)"))
        .containsExactly("up");
  }

  /** Without label matchers, ranges, grouping and functions, what is left are metrics. */
  private static Set<String> metricNames(String expression) {
    String bare =
        expression
            .replaceAll("\\{[^}]*}", " ")
            .replaceAll("\\[[^]]*]", " ")
            .replaceAll("\\b(by|without|on|ignoring)\\s*\\([^)]*\\)", " ")
            .replaceAll("^label_values\\(([^,]*),[^)]*\\)$", "$1")
            .replaceAll("[a-zA-Z_][a-zA-Z0-9_]*\\s*\\(", "(");
    return Pattern.compile("[a-zA-Z_][a-zA-Z0-9_:]*")
        .matcher(bare)
        .results()
        .map(match -> match.group())
        .filter(name -> !WORDS.contains(name))
        .collect(Collectors.toSet());
  }

  private double value(Model model, String name, String... labels) {
    return value(metrics.get(model), name, labels);
  }

  private static double value(String text, String name, String... labels) {
    List<String> found =
        text.lines()
            .filter(line -> line.startsWith(name + "{"))
            .filter(line -> Stream.of(labels).allMatch(line::contains))
            .toList();
    assertThat(found).as(name + " " + List.of(labels)).hasSize(1);
    return Double.parseDouble(found.getFirst().substring(found.getFirst().lastIndexOf(' ') + 1));
  }
}
