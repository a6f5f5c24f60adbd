package dev.handlermodels.api.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.api.settings.OpenTelemetryVariables;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class TracingTest {
  @Test
  void tracing_is_off_unless_an_exporter_or_its_endpoint_is_named() {
    assertThat(Tracing.isOn(Map.of())).isFalse();
    assertThat(Tracing.isOn(Map.of("OTEL_SERVICE_NAME", "shop"))).isFalse();
    assertThat(Tracing.isOn(Map.of("OTEL_TRACES_EXPORTER", "otlp"))).isTrue();
    assertThat(Tracing.isOn(Map.of("OTEL_TRACES_EXPORTER", "logging"))).isTrue();
    for (String name : Tracing.ENDPOINTS) {
      assertThat(Tracing.isOn(Map.of(name, "http://h:4318"))).isTrue();
    }
  }

  @Test
  void none_and_disabled_win_over_an_endpoint() {
    String endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    assertThat(Tracing.isOn(Map.of(endpoint, "http://h:4318", "OTEL_TRACES_EXPORTER", "none")))
        .isFalse();
    assertThat(Tracing.isOn(Map.of(endpoint, "http://h:4318", "OTEL_SDK_DISABLED", "True")))
        .isFalse();
  }

  @Test
  void variables_are_shown_without_secrets() {
    String shown =
        OpenTelemetryVariables.of(
                Map.of(
                    "OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer abc",
                    "OTEL_EXPORTER_OTLP_TRACES_HEADERS", "x-api-key=abc",
                    "OTEL_EXPORTER_OTLP_ENDPOINT", "http://user:abc@h:4318",
                    "OTEL_SERVICE_NAME", "shop",
                    "OTEL_TRACES_SAMPLER", " ",
                    "PATH", "/abc"))
            .toString();
    assertThat(shown)
        .isEqualTo(
            "{OTEL_EXPORTER_OTLP_ENDPOINT=http://***@h:4318, OTEL_EXPORTER_OTLP_HEADERS=***,"
                + " OTEL_EXPORTER_OTLP_TRACES_HEADERS=***, OTEL_SERVICE_NAME=shop}");
  }
}
