package dev.handlermodels.loadtests.bench.compare;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/** What has to be the same in two runs, so that a difference is the servers'. */
final class Conditions {
  /** The commit is what is compared, and ports decide nothing. */
  private static final Set<String> MAY_DIFFER =
      Set.of("machine.commit", "settings.port", "settings.managementPort", "settings.upstreamPort");

  /** A server reports it with its port. */
  private static final String UPSTREAM_ADDRESS = "settings.upstream";

  private Conditions() {}

  /** A sentence for each condition in which they differ. */
  static List<String> differences(JsonNode first, JsonNode second) {
    List<String> sentences = new ArrayList<>();
    Set<String> servers = servers(first);
    servers.retainAll(servers(second));
    Map<String, String> one = of(first, servers);
    Map<String, String> other = of(second, servers);
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

  /** Those that reported their settings. */
  private static Set<String> servers(JsonNode results) {
    Set<String> names = new TreeSet<>();
    results
        .path("ledger")
        .path("values")
        .path("server")
        .properties()
        .forEach(server -> names.add(server.getKey()));
    return names;
  }

  /**
   * @param servers whose settings count: those of both runs
   */
  private static Map<String, String> of(JsonNode results, Set<String> servers) {
    Map<String, String> conditions = new LinkedHashMap<>();
    flatten("machine", results.path("machine"), conditions);
    flatten("settings", results.path("settings"), conditions);
    flatten("closed", results.path("closed"), conditions);
    flatten("open", results.path("open"), conditions);
    for (Map.Entry<String, JsonNode> setting : results.path("ledger").path("values").properties()) {
      for (String server : servers) {
        if (!setting.getKey().equals(UPSTREAM_ADDRESS)) {
          String name = server + "'s " + setting.getKey();
          flatten(name, setting.getValue().path(server), conditions);
        }
      }
    }
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
