package dev.handlermodels.contracttests;

import dev.handlermodels.api.settings.Settings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** docs/settings.md, made from {@link Settings#HELP}: a table for each topic. */
final class SettingsPage {
  private static final Pattern SETTING =
      Pattern.compile("(?m)^ {2}([A-Z_0-9]+) \\(([^)]*)\\)(?:\\R {9})? +(.*(?:\\R {10,}.*)*)");

  /** A setting belongs to the first topic of which it begins with a word. */
  private static final Map<String, List<String>> TOPICS = new LinkedHashMap<>();

  private static final String OTHERS = "Others";

  static {
    TOPICS.put("Addresses", List.of("HOST", "PORT", "MANAGEMENT_", "PLAY_"));
    TOPICS.put(
        "Threads and pools",
        List.of("EVENT_LOOPS", "POOL_SIZE", "QUEUE_SIZE", "WORKERS", "CPU_WORKERS"));
    TOPICS.put("Overload", List.of("MAX_IN_FLIGHT", "MAX_QUEUE_MS", "ADAPTIVE_LIMIT"));
    TOPICS.put("Rate limits", List.of("RATE_LIMIT", "TRUSTED_PROXIES"));
    TOPICS.put(
        "Connections and clients",
        List.of(
            "MAX_BODIES_BYTES",
            "CLIENT_MEMORY_BYTES",
            "MAX_CONNECTIONS",
            "IDLE_",
            "HEADER_",
            "REQUEST_",
            "ANSWER_",
            "HTTP2"));
    TOPICS.put("Streams", List.of("STREAM_"));
    TOPICS.put("Chat rooms", List.of("CHAT_", "ALLOWED_ORIGINS"));
    TOPICS.put("The upstream", List.of("UPSTREAM_", "SERVICE_", "AGGREGATE_"));
    TOPICS.put("The database", List.of("DATABASE_", "DB_"));
    TOPICS.put("Tasks", List.of("TASK_"));
    TOPICS.put("Shutdown", List.of("DRAIN_"));
    TOPICS.put(
        "Logs, metrics and traces",
        List.of("LOG_FORMAT", "ACCESS_LOG", "COUNT_PINNED", "TRACES_PER_SECOND", "OTEL_"));
    TOPICS.put(OTHERS, List.of(""));
  }

  private static final String HEAD =
      """
      # Settings

      Environment variables of `./serve`, of the image and of the jars, the same on all three servers. This page is made from
      the code; `./serve --help` prints the same. A wrong value is refused at the start, with a sentence that says what is
      accepted.

      `GET /settings` on the management listener shows the values that a running server uses.

      ```
      POOL_SIZE=200 QUEUE_SIZE=100 ./serve blocking
      ```

      [Deploy](deploy.md#before-production) says what to set in production, [security](security.md#limits) what happens beyond
      a limit.
      """;

  private SettingsPage() {}

  static String text() {
    Map<String, List<String>> rows = new LinkedHashMap<>();
    TOPICS.keySet().forEach(topic -> rows.put(topic, new ArrayList<>()));
    SETTING
        .matcher(Settings.HELP)
        .results()
        .forEach(setting -> rows.get(topic(setting.group(1))).add(row(setting)));
    StringBuilder page = new StringBuilder(HEAD);
    rows.forEach(
        (topic, lines) -> {
          if (!lines.isEmpty()) {
            page.append("\n## ").append(topic).append("\n\n| setting | default | meaning |\n");
            page.append("|---|---|---|\n");
            lines.forEach(page::append);
          }
        });
    return page.toString();
  }

  private static String topic(String name) {
    return TOPICS.entrySet().stream()
        .filter(topic -> topic.getValue().stream().anyMatch(name::startsWith))
        .map(Map.Entry::getKey)
        .findFirst()
        .orElseThrow();
  }

  private static String row(MatchResult setting) {
    String meaning = setting.group(3).strip().replaceAll("\\s+", " ").replace("|", "\\|");
    return "| `%s` | %s | %s |\n".formatted(setting.group(1), setting.group(2), meaning);
  }
}
