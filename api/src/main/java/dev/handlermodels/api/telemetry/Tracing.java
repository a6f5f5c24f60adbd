package dev.handlermodels.api.telemetry;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.Set;

/**
 * Traces, where OpenTelemetry's standard variables ask for them. Otherwise there is {@link #OFF},
 * and no class of OpenTelemetry is loaded.
 */
public interface Tracing extends AutoCloseable {
  Tracing OFF =
      new Tracing() {
        @Override
        public ServerSpan begin(String method, String rawPath, ServerSpan.Fields fields) {
          return ServerSpan.NONE;
        }

        @Override
        public void flush(long withinMs) {}

        @Override
        public void close() {}
      };

  /** Any of these switches tracing on, as OpenTelemetry's default exporter is OTLP. */
  Set<String> ENDPOINTS =
      Set.of("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");

  /**
   * @param variables those whose names start with OTEL_
   * @param tracesPerSecond the most that begin here where OTEL_TRACES_SAMPLER does not say which
   * @throws Settings.SettingsException where OpenTelemetry refuses one of them
   */
  static Tracing of(
      String server, Map<String, String> variables, int tracesPerSecond, MeterRegistry registry) {
    return isOn(variables)
        ? OpenTelemetryTracing.start(server, variables, tracesPerSecond, registry)
        : OFF;
  }

  static boolean isOn(Map<String, String> variables) {
    if (variables.getOrDefault("OTEL_SDK_DISABLED", "false").equalsIgnoreCase("true")) {
      return false;
    }
    String exporter = variables.getOrDefault("OTEL_TRACES_EXPORTER", "");
    return exporter.isEmpty()
        ? ENDPOINTS.stream().anyMatch(variables::containsKey)
        : !exporter.equals("none");
  }

  /**
   * A request has arrived.
   *
   * @param rawPath as it came, without the query
   */
  ServerSpan begin(String method, String rawPath, ServerSpan.Fields fields);

  /** Hands over what is queued, or gives up after that time. */
  void flush(long withinMs);

  /** Ends for good, with a last short attempt to hand over what is queued. */
  @Override
  void close();
}
