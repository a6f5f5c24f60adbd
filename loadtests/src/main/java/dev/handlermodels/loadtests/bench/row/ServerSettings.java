package dev.handlermodels.loadtests.bench.row;

import dev.handlermodels.loadtests.bench.stats.Numbers;
import dev.handlermodels.loadtests.load.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** The settings that a server reports of itself, in settings.json. */
public final class ServerSettings {
  private ServerSettings() {}

  /** The values of a settings.json by dotted name; empty where there is none. */
  public static Map<String, String> read(Path file) throws IOException {
    Map<String, String> values = new LinkedHashMap<>();
    if (Files.exists(file)) {
      flatten("", Json.read(file, JsonNode.class), values);
    }
    return values;
  }

  private static void flatten(String name, JsonNode node, Map<String, String> values) {
    if (node.isObject()) {
      node.properties()
          .forEach(
              child ->
                  flatten(
                      name.isEmpty() ? child.getKey() : name + "." + child.getKey(),
                      child.getValue(),
                      values));
    } else if (node.isArray()) {
      List<String> items = new ArrayList<>();
      node.forEach(item -> items.add(item.asString()));
      values.put(name, String.join(" ", items));
    } else {
      values.put(name, node.isNull() ? Numbers.NONE : node.asString());
    }
  }
}
