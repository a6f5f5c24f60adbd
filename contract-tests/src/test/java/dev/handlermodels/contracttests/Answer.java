package dev.handlermodels.contracttests;

import dev.handlermodels.api.Json;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/**
 * An answer of a server.
 *
 * @param headers by name in lower case, sorted
 */
record Answer(int status, Map<String, List<String>> headers, byte[] body) {

  static Answer of(int status, Map<String, List<String>> headers, byte[] body) {
    Map<String, List<String>> sorted = new TreeMap<>();
    headers.forEach((name, values) -> sorted.put(name.toLowerCase(Locale.ROOT), values));
    return new Answer(status, sorted, body);
  }

  /** The value of a header field, null where it is missing. */
  String header(String name) {
    List<String> values = headers.get(name);
    return values == null ? null : String.join(", ", values);
  }

  JsonNode json() {
    return Json.tree(body);
  }

  String text() {
    return new String(body, StandardCharsets.UTF_8);
  }

  /** The last part of the problem's URN. */
  String problem() {
    String type = json().path("type").asString();
    return type.substring(type.lastIndexOf(':') + 1);
  }

  @Override
  public String toString() {
    return status + " " + headers + " " + text().lines().limit(3).toList();
  }
}
