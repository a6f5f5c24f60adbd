package dev.handlermodels.loadtests.bench.compare;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** What has to be the same in two runs, so that a difference is the servers'. */
final class Conditions {
  /** The commit is what is compared, and ports decide nothing. */
  private static final Set<String> MAY_DIFFER =
      Set.of("machine.commit", "settings.port", "settings.managementPort", "settings.upstreamPort");

  private Conditions() {}

  /** A sentence for each condition in which they differ. */
  static List<String> differences(JsonNode first, JsonNode second) {
    List<String> sentences = new ArrayList<>();
    Map<String, String> one = of(first);
    Map<String, String> other = of(second);
    for (Map.Entry<String, String> condition : one.entrySet()) {
      add(sentences, condition.getKey(), condition.getValue(), other.remove(condition.getKey()));
    }
    other.forEach((name, value) -> add(sentences, name, null, value));
    return sentences;
  }

  private static void add(List<String> sentences, String name, String first, String second) {
    if (!MAY_DIFFER.contains(name) && !Objects.equals(first, second)) {
      sentences.add(
          String.format(
              Locale.ROOT,
              "%s differs: %s in the first, %s in the second.",
              name,
              first == null ? "nothing" : first,
              second == null ? "nothing" : second));
    }
  }

  private static Map<String, String> of(JsonNode results) {
    Map<String, String> conditions = new LinkedHashMap<>();
    flatten("machine", results.path("machine"), conditions);
    flatten("settings", results.path("settings"), conditions);
    flatten("closed", results.path("closed"), conditions);
    flatten("open", results.path("open"), conditions);
    flatten("servers' settings", results.path("ledger").path("values"), conditions);
    if (results.path("setting").isString()) {
      conditions.put(
          "setting", results.get("setting").asString().replaceAll(", commit \\S+\\.$", "."));
    }
    return conditions;
  }

  private static void flatten(String name, JsonNode node, Map<String, String> values) {
    if (node.isObject()) {
      node.properties().forEach(e -> flatten(name + "." + e.getKey(), e.getValue(), values));
    } else if (!node.isMissingNode() && !node.isNull()) {
      values.put(name, node.isArray() ? node.toString() : node.asString());
    }
  }
}
