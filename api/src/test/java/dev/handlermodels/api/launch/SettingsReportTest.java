package dev.handlermodels.api.launch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.api.Limits;
import dev.handlermodels.api.settings.Settings;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The report tells all settings and limits, so that the next one cannot be forgotten. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class SettingsReportTest {
  /** Addresses, files and how the log looks do not bear on speed. */
  private static final Set<String> NOT_TOLD =
      Set.of(
          "HOST",
          "PORT",
          "MANAGEMENT_HOST",
          "MANAGEMENT_PORT",
          "DATABASE_USER",
          "DATABASE_PASSWORD",
          "DATABASE_PASSWORD_FILE",
          "DATA_FILE",
          "PLAY_ORIGINS",
          "LOG_FORMAT",
          "--train");

  private static final Map<String, String> WORDS =
      Map.ofEntries(
          Map.entry("UPSTREAM_URL", "http://127.0.0.1:8081"),
          Map.entry("DATABASE_URL", "postgresql://a:b@127.0.0.1:5432/c"),
          Map.entry("CPU_WORKERS", "1000"),
          Map.entry("MAX_CONNECTIONS", "100"),
          Map.entry("ADAPTIVE_LIMIT", "aimd"),
          Map.entry("ANTI_PATTERNS", "false"),
          Map.entry("ACCESS_LOG", "true"),
          Map.entry("ALLOWED_ORIGINS", "https://example.org"),
          Map.entry("CHAT_IDLE_TIMEOUT_MS", "1000"),
          Map.entry("CHAT_THREAD_PER_CONNECTION", "true"),
          Map.entry("COUNT_PINNED", "true"),
          Map.entry("FANOUT_CONCURRENCY", "999"),
          Map.entry("HTTP2", "true"),
          Map.entry("DATABASE_GATE", "false"),
          Map.entry("TASK_STORE", "postgres"),
          Map.entry("OTEL_TRACES_EXPORTER", "logging"),
          Map.entry("DATABASE_READINESS", "true"));

  private static final Pattern SETTING = Pattern.compile("(?m)^ {2,4}(\\S+) +(?:\\((\\S+)\\))?");

  static Stream<Map.Entry<String, String>> settings() {
    Map<String, String> changed = new TreeMap<>();
    Matcher setting = SETTING.matcher(Settings.HELP);
    while (setting.find()) {
      String name = setting.group(1);
      if (!NOT_TOLD.contains(name) && name.equals(name.toUpperCase())) {
        changed.put(name, changed(name, setting.group(2)));
      }
    }
    return changed.entrySet().stream();
  }

  private static String changed(String name, String byDefault) {
    return WORDS.containsKey(name)
        ? WORDS.get(name)
        : Integer.toString(Integer.parseInt(byDefault) + 1);
  }

  @Test
  void there_are_settings_to_try() {
    assertThat(settings()).hasSizeGreaterThan(35);
  }

  @ParameterizedTest
  @MethodSource("settings")
  void a_setting_that_is_changed_shows(Map.Entry<String, String> changed) {
    Map<String, String> before = new HashMap<>();
    if (changed.getKey().equals("TASK_STORE")) {
      before.put("DATABASE_URL", WORDS.get("DATABASE_URL")); // without which it is refused
    }
    Map<String, String> after = new HashMap<>(before);
    after.put(changed.getKey(), changed.getValue());
    assertThat(told(after)).isNotEqualTo(told(before));
  }

  private static SettingsReport.Effective told(Map<String, String> environment) {
    return SettingsReport.effective(Settings.fromEnvironment(environment));
  }

  @Test
  void all_limits_that_are_no_settings_are_told() throws ReflectiveOperationException {
    Map<String, Integer> limits = new TreeMap<>();
    for (Field field : Limits.class.getDeclaredFields()) {
      if (Modifier.isStatic(field.getModifiers()) && !field.getName().startsWith("DEFAULT_")) {
        field.setAccessible(true);
        limits.put(camelCase(field.getName()), field.getInt(null));
      }
    }
    Map<String, Integer> told = new TreeMap<>();
    SettingsReport.FixedLimits report = SettingsReport.FixedLimits.ofConstants();
    for (RecordComponent component : SettingsReport.FixedLimits.class.getRecordComponents()) {
      component.getAccessor().setAccessible(true);
      told.put(component.getName(), (Integer) component.getAccessor().invoke(report));
    }
    assertThat(told).isEqualTo(limits).hasSizeGreaterThan(20);
  }

  private static String camelCase(String constant) {
    String[] words = constant.toLowerCase().split("_");
    StringBuilder name = new StringBuilder(words[0]);
    Arrays.stream(words)
        .skip(1)
        .forEach(
            word ->
                name.append(Character.toUpperCase(word.charAt(0))).append(word, 1, word.length()));
    return name.toString();
  }
}
