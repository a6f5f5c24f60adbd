package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Tracing of whole processes: nothing of it where it is off, and spans over OTLP where it is on.
 */
@Rules
class TracingIT {
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String TRACEPARENT = "00-" + TRACE + "-00f067aa0ba902b7-01";

  @TempDir Path dir;

  @ParameterizedTest
  @EnumSource(Model.class)
  void no_class_of_OpenTelemetry_is_loaded_where_tracing_is_off(Model model) throws IOException {
    Path loaded = dir.resolve(model + "-off.log");
    try (ServerProcess process = ServerProcess.start(model, logClasses(loaded));
        Client main = process.main();
        Client management = process.management()) {
      main.get("/io?waitMs=1");
      main.get("/io/offloaded?waitMs=1");
      management.get("/metrics");
      process.signal("TERM");
      assertThat(process.exitCode()).isZero();
    }
    try (Stream<String> lines = Files.lines(loaded)) {
      assertThat(lines.filter(line -> line.contains(" io.opentelemetry."))).isEmpty();
    }
    assertThat(Files.readString(loaded)).contains(" dev.handlermodels.api.telemetry.Tracing ");
  }

  private static Map<String, String> logClasses(Path file) {
    return Map.of("JAVA_TOOL_OPTIONS", "-Xlog:class+load:file=" + file);
  }

  /** The processor would wait an hour: what arrives was sent because of SIGTERM. */
  @ParameterizedTest
  @EnumSource(Model.class)
  void the_last_spans_reach_the_collector_before_the_process_ends(Model model) throws IOException {
    try (Collector collector = new Collector();
        ServerProcess process =
            ServerProcess.start(
                model,
                Map.of(
                    "OTEL_EXPORTER_OTLP_ENDPOINT", collector.url(),
                    "OTEL_SERVICE_NAME", "shop",
                    "OTEL_BSP_SCHEDULE_DELAY", "3600000"));
        Client main = process.main()) {
      main.get("/io?waitMs=1", Map.of("traceparent", TRACEPARENT));
      assertThat(collector.received()).isEmpty();
      process.signal("TERM");
      assertThat(process.exitCode()).isZero();

      assertThat(collector.paths).containsOnly("/v1/traces");
      assertThat(collector.received())
          .contains("GET /io")
          .contains("service.name")
          .contains("shop");
      assertThat(occurrences(collector.received(), bytes(TRACE))).isEqualTo(2);
    }
  }

  @Test
  void a_collector_that_is_not_there_delays_neither_requests_nor_the_end_for_long()
      throws IOException {
    try (ServerProcess process =
            ServerProcess.start(
                Model.NIMA,
                Map.of(
                    "OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1",
                    "OTEL_BSP_SCHEDULE_DELAY", "1",
                    "DRAIN_MS", "100"));
        Client main = process.main()) {
      for (int i = 0; i < 10; i++) {
        assertThat(main.get("/").status()).isEqualTo(200);
      }
      process.signal("TERM");
      assertThat(process.exitCode()).isZero();
    }
  }

  @Test
  void what_OpenTelemetry_cannot_do_is_refused_with_one_sentence_and_exit_code_2() {
    try (ServerProcess process =
        ServerProcess.start(Model.NIMA, Map.of("OTEL_TRACES_EXPORTER", "zipkin"))) {
      assertThat(process.exitCode()).isEqualTo(2);
      assertThat(process.err().strip().lines())
          .singleElement()
          .asString()
          .startsWith("OTEL_*: ")
          .contains("zipkin");
    }
  }

  private static String bytes(String hex) {
    return new String(HexFormat.of().parseHex(hex), StandardCharsets.ISO_8859_1);
  }

  private static int occurrences(String text, String part) {
    return text.split(Pattern.quote(part), -1).length - 1;
  }

  /** Takes OTLP over HTTP and keeps the bytes: strings and ids stand in them as they are. */
  private static final class Collector implements AutoCloseable {
    private final HttpServer server;
    private final Queue<String> paths = new ConcurrentLinkedQueue<>();
    private final Queue<String> bodies = new ConcurrentLinkedQueue<>();

    Collector() throws IOException {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.createContext(
          "/",
          exchange -> {
            paths.add(exchange.getRequestURI().getPath());
            bodies.add(
                new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.ISO_8859_1));
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
          });
      server.start();
    }

    String url() {
      return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    String received() {
      return String.join("", bodies);
    }

    @Override
    public void close() {
      server.stop(0);
    }
  }
}
