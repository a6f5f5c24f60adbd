package dev.handlermodels.api.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class SettingsTest {
  @Test
  void nothing_set_means_the_defaults_that_help_names() {
    Settings settings =
        Settings.of(Map.of("HOME", "/anywhere", "LANG", "C"), new Descriptors(1 << 20));
    assertThat(settings.host()).isEqualTo("127.0.0.1");
    assertThat(settings.upstreamUrl()).isEmpty();
    assertThat(settings.cpuWorkers()).isEqualTo(Runtime.getRuntime().availableProcessors());
    assertThat(Settings.HELP)
        .contains("PORT (" + settings.port() + ")")
        .contains("MANAGEMENT_PORT (" + settings.managementPort() + ")")
        .contains("UPSTREAM_TIMEOUT_MS (" + settings.upstreamTimeoutMs() + ")")
        .contains("UPSTREAM_MAX_CONNECTIONS (" + settings.upstreamMaxConnections() + ")")
        .contains("UPSTREAM_RETRY_PERCENT (" + settings.guard().retryPercent() + ")")
        .contains("UPSTREAM_BREAKER_PERCENT (" + settings.guard().breakerPercent() + ")")
        .contains("UPSTREAM_BREAKER_CALLS (" + settings.guard().breakerCalls() + ")")
        .contains("UPSTREAM_BREAKER_OPEN_MS (" + settings.guard().breakerOpenMs() + ")")
        .contains("EVENT_LOOPS (" + settings.eventLoops() + ")")
        .contains("POOL_SIZE (" + settings.poolSize() + ")")
        .contains("QUEUE_SIZE (" + settings.queueSize() + ")")
        .contains("WORKERS (" + settings.workers() + ")")
        .contains("CPU_WORKERS (processors)")
        .contains("MAX_IN_FLIGHT (" + settings.maxInFlight() + ")")
        .contains("MAX_QUEUE_MS (" + settings.overload().maxQueueMs() + ")")
        .contains("MAX_CONNECTIONS (" + settings.maxConnections() + ")")
        .contains("IDLE_TIMEOUT_MS (" + settings.idleTimeoutMs() + ")")
        .contains("HEADER_TIMEOUT_MS (" + settings.headerTimeoutMs() + ")")
        .contains("REQUEST_TIMEOUT_MS (" + settings.requestTimeoutMs() + ")")
        .contains("ANSWER_TIMEOUT_MS (" + settings.answerTimeoutMs() + ")")
        .contains("DRAIN_DELAY_MS (" + settings.drainDelayMs() + ")")
        .contains("DRAIN_MS (" + settings.drainMs() + ")")
        .contains("TASK_WORKERS (" + settings.tasks().workers() + ")")
        .contains("TASK_QUEUE_SIZE (" + settings.tasks().queueSize() + ")")
        .contains("TASK_QUEUE_BYTES (" + settings.tasks().queueBytes() + ")")
        .contains("TASK_RESULTS_KEPT (" + settings.tasks().resultsKept() + ")")
        .contains("TASK_RESULT_TTL_MS (" + settings.tasks().resultTtlMs() + ")")
        .contains("RATE_LIMIT (" + settings.rateLimit().inAll() + ")")
        .contains("RATE_LIMIT_PER_CLIENT (" + settings.rateLimit().perClient() + ")")
        .contains("RATE_LIMIT_WINDOW_SECONDS (" + settings.rateLimit().windowSeconds() + ")")
        .contains("RATE_LIMIT_CLIENTS (" + settings.rateLimit().clients() + ")")
        .contains("TRUSTED_PROXIES (" + settings.rateLimit().trustedProxies() + ")")
        .contains("DATABASE_POOL_SIZE (" + settings.database().poolSize() + ")")
        .contains("DATABASE_QUEUE_SIZE (" + settings.database().queueSize() + ")")
        .contains("DATABASE_ACQUIRE_TIMEOUT_MS (" + settings.database().acquireTimeoutMs() + ")")
        .contains(
            "DATABASE_STATEMENT_TIMEOUT_MS (" + settings.database().statementTimeoutMs() + ")")
        .contains("DATABASE_GATE (" + settings.database().gate() + ")")
        .contains("DATABASE_READINESS (" + settings.database().readiness() + ")")
        .contains("TRACES_PER_SECOND (" + settings.tracesPerSecond() + ")");
  }

  @Test
  void an_empty_variable_counts_as_unset_and_spaces_around_a_value_do_not_count() {
    Settings settings = Settings.fromEnvironment(Map.of("POOL_SIZE", "", "WORKERS", " 7 "));
    assertThat(settings.poolSize()).isEqualTo(40);
    assertThat(settings.workers()).isEqualTo(7);
  }

  @ParameterizedTest
  @CsvSource({
    "PORT, -1",
    "PORT, 65536",
    "POOL_SIZE, 0",
    "POOL_SIZE, abc",
    "WORKERS, 1.5",
    "CPU_WORKERS, 0",
    "CPU_WORKERS, 1025",
    "DRAIN_DELAY_MS, -1",
    "DRAIN_MS, -1",
    "TASK_QUEUE_BYTES, 65535",
    "TASK_RESULTS_KEPT, 0",
    "DATABASE_POOL_SIZE, 0",
    "DATABASE_QUEUE_SIZE, -1",
    "DATABASE_ACQUIRE_TIMEOUT_MS, 249",
    "DATABASE_STATEMENT_TIMEOUT_MS, 0",
    "TRACES_PER_SECOND, 0",
    "TRACES_PER_SECOND, 1000001",
    "MAX_QUEUE_MS, -1",
    "UPSTREAM_RETRY_PERCENT, 101",
    "UPSTREAM_BREAKER_PERCENT, 101",
    "UPSTREAM_BREAKER_CALLS, 0",
    "UPSTREAM_BREAKER_OPEN_MS, 0",
    "QUEUE_SIZE, 99999999999"
  })
  void a_number_out_of_its_limits_is_refused_with_the_limits(String name, String value) {
    assertRefused(
        Map.of(name, value), name + " is '" + value + "' but has to be a whole number from");
  }

  @Test
  void connections_are_not_counted_by_client_where_all_are_of_proxies() {
    assertRefused(
        Map.of("MAX_CONNECTIONS_PER_CLIENT", "100", "TRUSTED_PROXIES", "1"),
        "MAX_CONNECTIONS_PER_CLIENT is set, but behind TRUSTED_PROXIES");
  }

  @Test
  void tasks_are_kept_where_they_outlive_the_process() {
    assertRefused(Map.of("TASK_STORE", "postgres"), "TASK_STORE=postgres needs DATABASE_URL");
    assertRefused(Map.of("TASK_STORE", "mysql"), "TASK_STORE is 'mysql'");
    assertRefused(Map.of("TASK_WORKERS", "0"), "TASK_WORKERS is 0");
    Settings web =
        Settings.fromEnvironment(
            Map.of(
                "TASK_STORE", "postgres",
                "TASK_WORKERS", "0",
                "DATABASE_URL", "postgresql://u:p@h/n"));
    assertThat(web.tasks().workers()).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://127.0.0.1:8081",
        "http://my_upstream:8081",
        "http://_a",
        "http://[::1]:8081",
        "http://h/"
      })
  void an_upstream_is_a_bare_http_url(String url) {
    assertThat(Settings.fromEnvironment(Map.of("UPSTREAM_URL", url)).upstreamUrl())
        .contains(URI.create(url));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1:8081",
        "https://h:1",
        "http://h:1/path",
        "http://h:1?q=1",
        "http:// h",
        "http://",
        "http:///",
        "http://:80",
        "http://h_1:99999",
        "http://h:0",
        "http://h_1:x",
        "http://a_b,c_d:1"
      })
  void any_other_upstream_is_refused(String url) {
    assertRefused(
        Map.of("UPSTREAM_URL", url), "UPSTREAM_URL is '" + url + "' but has to look like");
  }

  @Test
  void a_file_that_cannot_be_read_is_refused() {
    assertRefused(Map.of("DATA_FILE", "no/such/file"), "DATA_FILE is 'no/such/file'");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "no JSON", "{} {}"})
  void a_file_that_is_no_JSON_is_refused(String content, @TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("data.json"), content);
    assertRefused(
        Map.of("DATA_FILE", file.toString()),
        "DATA_FILE is '" + file + "' but has to hold JSON in UTF-8");
  }

  @Test
  void settings_that_contradict_each_other_are_refused() {
    assertRefused(
        Map.of("PORT", "9999", "MANAGEMENT_PORT", "9999"), "PORT and MANAGEMENT_PORT are both");
  }

  @Test
  void log_and_access_log_are_switched_by_words() {
    Settings json = Settings.fromEnvironment(Map.of("LOG_FORMAT", "json", "ACCESS_LOG", "true"));
    assertThat(json.logFormat()).isEqualTo(Settings.LogFormat.JSON);
    assertThat(json.accessLog()).isTrue();
    assertThat(Settings.fromEnvironment(Map.of()).logFormat()).isEqualTo(Settings.LogFormat.TEXT);
    assertThat(Settings.fromEnvironment(Map.of()).accessLog()).isFalse();
    assertRefused(Map.of("LOG_FORMAT", "xml"), "LOG_FORMAT is 'xml' but has to be text or json");
    assertRefused(Map.of("ACCESS_LOG", "yes"), "ACCESS_LOG is 'yes' but has to be false or true");
  }

  @Test
  void pinned_waits_are_counted_where_that_is_asked_for() {
    assertThat(Settings.fromEnvironment(Map.of()).countPinned()).isFalse();
    assertThat(Settings.fromEnvironment(Map.of("COUNT_PINNED", "true")).countPinned()).isTrue();
    assertRefused(Map.of("COUNT_PINNED", "1"), "COUNT_PINNED is '1' but has to be false or true");
  }

  @Test
  void anti_patterns_are_on_unless_they_are_switched_off() {
    assertThat(Settings.fromEnvironment(Map.of()).antiPatterns()).isTrue();
    assertThat(Settings.fromEnvironment(Map.of("ANTI_PATTERNS", "false")).antiPatterns()).isFalse();
    assertRefused(
        Map.of("ANTI_PATTERNS", "no"), "ANTI_PATTERNS is 'no' but has to be true or false");
  }

  @Test
  void as_many_requests_are_let_in_as_the_heap_holds_and_never_more_than_10000() {
    assertThat(Settings.maxInFlight(1L << 30)).isEqualTo(10_000);
    assertThat(Settings.maxInFlight(256 << 20)).isEqualTo(4096);
    assertThat(Settings.maxInFlight(1)).isEqualTo(1);
  }

  @Test
  void an_adaptive_limit_is_chosen_by_a_word() {
    assertThat(
            Settings.fromEnvironment(Map.of("ADAPTIVE_LIMIT", "gradient"))
                .overload()
                .adaptiveLimit())
        .isEqualTo(OverloadSettings.Adaptive.GRADIENT);
    assertThat(Settings.fromEnvironment(Map.of()).overload())
        .isEqualTo(new OverloadSettings(0, 0, 1000, 0, OverloadSettings.Adaptive.OFF));
    assertRefused(
        Map.of("ADAPTIVE_LIMIT", "vegas"),
        "ADAPTIVE_LIMIT is 'vegas' but has to be off or gradient or aimd");
  }

  @Test
  void a_refusal_does_not_show_the_password_of_a_url() {
    assertRefused(
        Map.of("UPSTREAM_URL", "http://u:secret@h:1/x"), "UPSTREAM_URL is 'http://***@h:1/x'");
  }

  @Test
  void a_misspelt_name_is_refused_with_the_right_one() {
    assertRefused(Map.of("POOLSIZE", "3"), "POOLSIZE is not a setting; did you mean POOL_SIZE?");
    assertRefused(Map.of("pool_size", "3"), "pool_size is not a setting; did you mean POOL_SIZE?");
  }

  @Test
  void everything_wrong_is_told_at_once() {
    assertThatThrownBy(() -> Settings.fromEnvironment(Map.of("PORT", "x", "WORKERS", "y")))
        .hasMessageContainingAll("PORT is 'x'", "WORKERS is 'y'");
  }

  private static void assertRefused(Map<String, String> environment, String sentence) {
    assertThatThrownBy(() -> Settings.fromEnvironment(environment))
        .isInstanceOf(Settings.SettingsException.class)
        .hasMessageContaining(sentence);
  }

  @Test
  void the_deadlines_of_the_gateway_lie_within_that_of_a_call() {
    Settings small = Settings.fromEnvironment(Map.of("UPSTREAM_TIMEOUT_MS", "250"));
    assertThat(small.serviceTimeoutMs()).isEqualTo(250);
    assertThat(small.aggregateTimeoutMs()).isEqualTo(250);
    assertThatThrownBy(
            () ->
                Settings.fromEnvironment(
                    Map.of("UPSTREAM_TIMEOUT_MS", "2000", "SERVICE_TIMEOUT_MS", "2001")))
        .hasMessage("SERVICE_TIMEOUT_MS is '2001' but has to be a whole number from 1 to 2000");
  }
}
