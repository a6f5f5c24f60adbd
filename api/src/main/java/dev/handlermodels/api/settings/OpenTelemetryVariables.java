package dev.handlermodels.api.settings;

import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** OpenTelemetry's own variables, which its SDK reads and judges. They may hold secrets. */
public record OpenTelemetryVariables(Map<String, String> values) {
  private static final String PREFIX = "OTEL_";
  private static final Pattern SECRET_NAME =
      Pattern.compile("HEADERS|KEY|TOKEN|SECRET|PASSWORD|CREDENTIAL");

  public static OpenTelemetryVariables of(Map<String, String> environment) {
    return new OpenTelemetryVariables(
        environment.entrySet().stream()
            .filter(entry -> entry.getKey().startsWith(PREFIX) && !entry.getValue().isBlank())
            .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, e -> e.getValue().strip())));
  }

  /** In the order of their names, without secrets. */
  @Override
  public String toString() {
    Map<String, String> shown = new TreeMap<>(values);
    shown.replaceAll(
        (name, value) -> SECRET_NAME.matcher(name).find() ? "***" : Secrets.masked(value));
    return shown.toString();
  }
}
