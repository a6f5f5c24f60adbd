package dev.handlermodels.loadtests.bench.compare;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
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

  /** What a condition is in each run; null where a run does not report it. */
  private record Pair(String first, String second) {
    boolean differs() {
      return !Objects.equals(first, second);
    }
  }

  /** Sentences that name each condition in which they differ. */
  static List<String> differences(JsonNode first, JsonNode second) {
    List<String> sentences = new ArrayList<>();
    pairs(ofRun(first), ofRun(second)).forEach((name, pair) -> sentences.add(sentence(name, pair)));
    Set<String> servers = servers(first);
    servers.retainAll(servers(second));
    // By setting, then by its values: the same on several servers is said once.
    Map<String, Map<Pair, List<String>>> settings = new LinkedHashMap<>();
    for (String server : servers) {
      pairs(ofServer(first, server), ofServer(second, server))
          .forEach(
              (name, pair) ->
                  settings
                      .computeIfAbsent(name, _ -> new LinkedHashMap<>())
                      .computeIfAbsent(pair, _ -> new ArrayList<>())
                      .add(server));
    }
    Set<String> onlyFirst = new LinkedHashSet<>();
    Set<String> onlySecond = new LinkedHashSet<>();
    settings.forEach(
        (name, pairs) ->
            pairs.forEach(
                (pair, who) -> {
                  if (pair.second() == null) {
                    onlyFirst.add(name);
                  } else if (pair.first() == null) {
                    onlySecond.add(name);
                  } else {
                    sentences.add(sentence(name + " of " + String.join(", ", who), pair));
                  }
                }));
    addOnly(sentences, "first", onlyFirst);
    addOnly(sentences, "second", onlySecond);
    return sentences;
  }

  private static Map<String, Pair> pairs(Map<String, String> one, Map<String, String> other) {
    Set<String> names = new LinkedHashSet<>(one.keySet());
    names.addAll(other.keySet());
    names.removeAll(MAY_DIFFER);
    Map<String, Pair> pairs = new LinkedHashMap<>();
    for (String name : names) {
      Pair pair = new Pair(one.get(name), other.get(name));
      if (pair.differs()) {
        pairs.put(name, pair);
      }
    }
    return pairs;
  }

  private static String sentence(String name, Pair pair) {
    return String.format(
        Locale.ROOT,
        "%s differs: %s in the first, %s in the second.",
        name,
        pair.first() == null ? "nothing" : pair.first(),
        pair.second() == null ? "nothing" : pair.second());
  }

  private static void addOnly(List<String> sentences, String run, Set<String> names) {
    if (!names.isEmpty()) {
      sentences.add(
          "Only servers of the " + run + " run report: " + String.join(", ", names) + ".");
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

  private static Map<String, String> ofRun(JsonNode results) {
    Map<String, String> conditions = new LinkedHashMap<>();
    flatten("machine", results.path("machine"), conditions);
    flatten("settings", results.path("settings"), conditions);
    flatten("closed", results.path("closed"), conditions);
    flatten("open", results.path("open"), conditions);
    if (results.path("setting").isString()) {
      conditions.put(
          "setting", results.get("setting").asString().replaceAll(", commit \\S+\\.$", "."));
    }
    return conditions;
  }

  private static Map<String, String> ofServer(JsonNode results, String server) {
    Map<String, String> conditions = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> setting : results.path("ledger").path("values").properties()) {
      if (!setting.getKey().equals(UPSTREAM_ADDRESS)) {
        flatten(setting.getKey(), setting.getValue().path(server), conditions);
      }
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
