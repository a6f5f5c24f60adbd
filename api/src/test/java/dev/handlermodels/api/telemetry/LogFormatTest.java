package dev.handlermodels.api.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.api.Json;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.util.DefaultLocale;
import org.junit.jupiter.api.util.DefaultTimeZone;
import tools.jackson.databind.JsonNode;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class LogFormatTest {
  private static final ServerSpan SPAN =
      new Ids("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7");

  @Test
  void an_event_is_one_line_of_JSON_whatever_its_message_holds() {
    LogRecord record = new LogRecord(Level.WARNING, "first\nsecond\r\n{0}");
    record.setLoggerName("a.b");
    record.setParameters(new Object[] {"third"});
    record.setThrown(new IllegalStateException("broken\nbadly"));
    String line = new JsonFormatter().format(record);
    assertThat(line.strip()).doesNotContain("\n", "\r");
    JsonNode json = Json.tree(line.getBytes(StandardCharsets.UTF_8));
    assertThat(json.path("message").asString()).isEqualTo("first\nsecond\r\nthird");
    assertThat(json.path("level").asString()).isEqualTo("WARNING");
    assertThat(json.path("logger").asString()).isEqualTo("a.b");
    assertThat(json.path("thread").asString()).isEqualTo(Thread.currentThread().getName());
    assertThat(json.path("timestamp").asString()).endsWith("Z");
    assertThat(json.path("exception").asString()).contains("badly", "LogFormatTest");
    assertThat(json.has("trace_id")).isFalse();
  }

  /** {@code mvn verify} runs all tests with the digits of Iran. */
  @Test
  @DefaultLocale("fa-IR")
  @DefaultTimeZone("Asia/Tehran")
  void a_line_of_text_has_the_digits_that_a_machine_reads_in_any_locale() {
    LogRecord record = new LogRecord(Level.WARNING, "of {0} items");
    record.setLoggerName("a.b");
    record.setParameters(new Object[] {"12"});
    record.setInstant(Instant.parse("2026-11-29T11:07:17.002Z"));
    assertThat(new TextFormatter().format(record))
        .isEqualTo(
            "2026-11-29T14:37:17.002+0330 WARNING a.b - of 12 items" + System.lineSeparator());
    record.setThrown(new IllegalStateException("broken"));
    assertThat(new TextFormatter().format(record))
        .contains("\njava.lang.IllegalStateException: broken\n", "\tat ");
  }

  @Test
  void an_event_of_a_traced_request_names_its_trace_in_both_formats() {
    LogRecord record = new RequestRecord(Level.INFO, "a.b", "done", SPAN).with("status", 200);
    JsonNode json = Json.tree(new JsonFormatter().format(record).getBytes(StandardCharsets.UTF_8));
    assertThat(json.path("message").asString()).isEqualTo("done");
    assertThat(json.path("trace_id").asString()).isEqualTo(SPAN.traceId());
    assertThat(json.path("span_id").asString()).isEqualTo(SPAN.spanId());
    assertThat(json.path("status").intValue()).isEqualTo(200);
    assertThat(new TextFormatter().formatMessage(record))
        .isEqualTo("done trace_id=" + SPAN.traceId() + " span_id=" + SPAN.spanId());
  }

  @Test
  void an_event_of_a_request_without_a_trace_names_none() {
    LogRecord record = new RequestRecord(Level.INFO, "a.b", "done", ServerSpan.NONE);
    assertThat(new JsonFormatter().format(record)).doesNotContain("trace_id");
    assertThat(new TextFormatter().formatMessage(record)).isEqualTo("done");
  }

  @Test
  void what_a_client_wrote_is_shown_as_printable_ASCII_of_bounded_length() {
    assertThat(AccessLog.safe("/io%0aINFO")).isEqualTo("/io%0aINFO");
    assertThat(AccessLog.safe("/a\r\nINFO forged\u001b[31m\u0085\u2028\\u000a"))
        .isEqualTo("/a\\u000d\\u000aINFO\\u0020forged\\u001b[31m\\u0085\\u2028\\u005cu000a");
    assertThat(AccessLog.safe("x".repeat(10_000))).hasSize(AccessLog.SHOWN_CHARS + 3);
    assertThat(AccessLog.safe(null)).isEqualTo("-");
  }

  private record Ids(String traceId, String spanId) implements ServerSpan {
    @Override
    public void route(String route) {}

    @Override
    public ClientSpan call(String method, URI server, String target) {
      return ClientSpan.NONE;
    }

    @Override
    public void end(int status) {}
  }
}
