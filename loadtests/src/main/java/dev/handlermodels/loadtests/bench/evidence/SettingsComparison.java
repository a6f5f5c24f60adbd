package dev.handlermodels.loadtests.bench.evidence;

import dev.handlermodels.loadtests.bench.stats.Numbers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The settings that each server reported of itself, side by side.
 *
 * @param values by dotted name, then by server
 * @param differences names in which servers differ and should not
 * @param fair whether there are any
 */
public record SettingsComparison(
    Map<String, Map<String, String>> values, List<String> differences, Verdict fair) {

  /** These settings make the handler model. All others have to be equal. */
  static final Set<String> MAY_DIFFER =
      Set.of(
          "server",
          "model",
          "memory.costs.connectionBytes",
          "memory.costs.requestBytes",
          "memory.costs.callBytes",
          "memory.costs.chatBytes",
          "memory.roomForConnections",
          "framework.name",
          "framework.ioThreads",
          "framework.handlerThreads");

  /** In the order of their names; empty where no server reported its settings. */
  public List<String> servers() {
    return values.getOrDefault("server", Map.of()).keySet().stream().sorted().toList();
  }

  /** For a table: the name, then the value of each server. */
  public List<List<String>> lines() {
    List<List<String>> lines = new ArrayList<>();
    values.forEach(
        (name, byServer) -> {
          List<String> line = new ArrayList<>(List.of(name));
          servers().forEach(server -> line.add(byServer.getOrDefault(server, Numbers.NONE)));
          lines.add(line);
        });
    return lines;
  }

  /**
   * Compares reported settings.
   *
   * @param told the reported values of each run; runs without any are ignored
   */
  public static SettingsComparison of(List<Map<String, String>> told) {
    Map<String, Map<String, String>> values = new LinkedHashMap<>();
    Set<String> differences = new LinkedHashSet<>();
    Set<String> servers = new LinkedHashSet<>();
    for (Map<String, String> one : told) {
      String server = one.get("server");
      if (server != null) {
        servers.add(server);
        one.forEach((name, value) -> add(values, differences, server, name, value));
      }
    }
    values.forEach(
        (name, byServer) -> {
          if (!MAY_DIFFER.contains(name) && !equal(byServer, servers)) {
            differences.add(name);
          }
        });
    List<String> names = List.copyOf(differences);
    return new SettingsComparison(values, names, fair(values, names, servers.size()));
  }

  /** A server that tells something else in a later run is unfair to itself. */
  private static void add(
      Map<String, Map<String, String>> values,
      Set<String> differences,
      String server,
      String name,
      String value) {
    // The AOT cache is each server's own file, and shortens the start only.
    String comparable = value.replace("server-" + server, "server-NAME");
    String before =
        values.computeIfAbsent(name, _ -> new TreeMap<>()).putIfAbsent(server, comparable);
    if (before != null && !before.equals(comparable)) {
      differences.add(name);
    }
  }

  private static boolean equal(Map<String, String> byServer, Set<String> servers) {
    return byServer.keySet().containsAll(servers) && Set.copyOf(byServer.values()).size() == 1;
  }

  private static Verdict fair(
      Map<String, Map<String, String>> values, List<String> differences, int servers) {
    if (servers < 2) {
      return new Verdict(false, "Unknown: fewer than two servers reported their settings.");
    }
    if (differences.isEmpty()) {
      long compared = values.keySet().stream().filter(name -> !MAY_DIFFER.contains(name)).count();
      return new Verdict(
          false,
          String.format(
              Locale.ROOT,
              "Fair: the %d servers agree in all %d settings that are no part of the handler"
                  + " model.",
              servers,
              compared));
    }
    return new Verdict(
        true,
        "Unfair: the servers differ in "
            + differences.stream()
                .map(name -> name + " " + values.get(name))
                .collect(Collectors.joining(", "))
            + ".");
  }
}
