package dev.handlermodels.loadtests.bench.servers;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/**
 * The fields of one mapping of a description. Each is read once; what is left is unknown. Every
 * mistake is an {@link IllegalArgumentException} with a phrase that names the field.
 */
final class Fields {
  private final String where;
  private final JsonNode node;
  private final Set<String> known = new LinkedHashSet<>();

  /**
   * @param where a name for sentences, such as {@code rows, the 2nd}; empty for the whole file
   */
  Fields(String where, JsonNode node) {
    this.where = where;
    this.node = node;
    if (!node.isObject()) {
      throw wrong((where.isEmpty() ? "the file" : where) + " takes fields, such as name: value");
    }
  }

  static IllegalArgumentException wrong(String phrase) {
    return new IllegalArgumentException(phrase);
  }

  /** The name of a field in sentences: {@code rows, the 2nd: path}. */
  String name(String field) {
    return where.isEmpty() ? field : where + ": " + field;
  }

  boolean has(String field) {
    known.add(field);
    return node.has(field) && !node.get(field).isNull();
  }

  JsonNode get(String field) {
    known.add(field);
    return node.get(field);
  }

  /** Null where it is missing. */
  String text(String field) {
    return has(field) ? scalar(name(field), get(field)) : null;
  }

  String text(String field, String otherwise) {
    String text = text(field);
    return text == null ? otherwise : text;
  }

  String required(String field) {
    String text = text(field);
    if (text == null || text.isBlank()) {
      throw wrong(name(field) + " is missing");
    }
    return text;
  }

  /** Null where it is missing. */
  Integer number(String field, int min, int max) {
    if (!has(field)) {
      return null;
    }
    JsonNode value = get(field);
    if (!value.isInt() || value.asInt() < min || value.asInt() > max) {
      throw wrong(
          String.format(
              Locale.ROOT,
              "%s takes a whole number from %s to %s, not %s",
              name(field),
              min,
              max,
              shown(value)));
    }
    return value.asInt();
  }

  int requiredNumber(String field) {
    Integer number = number(field, 0, Integer.MAX_VALUE);
    if (number == null) {
      throw wrong(name(field) + " is missing");
    }
    return number;
  }

  double requiredDecimal(String field) {
    if (!has(field) || !get(field).isNumber()) {
      throw wrong(name(field) + " takes a number");
    }
    return get(field).asDouble();
  }

  /** A path of a URL; null where it is missing. */
  String path(String field) {
    String path = text(field);
    if (path != null && !path.startsWith("/")) {
      throw wrong(name(field) + " takes a path that begins with /, not '" + path + "'");
    }
    return path;
  }

  /** A list of texts, or one text; empty where it is missing. */
  List<String> texts(String field) {
    if (!has(field)) {
      return List.of();
    }
    JsonNode value = get(field);
    if (!value.isArray()) {
      return List.of(scalar(name(field), value));
    }
    List<String> texts = new ArrayList<>();
    value.forEach(item -> texts.add(scalar(name(field), item)));
    return texts;
  }

  /** A command line: a list, or one text that spaces divide. */
  List<String> words(String field) {
    return has(field) && get(field).isString()
        ? Arrays.stream(get(field).asString().strip().split("\\s+")).toList()
        : texts(field);
  }

  /** Texts by name; empty where it is missing. */
  Map<String, String> map(String field) {
    Map<String, String> map = new LinkedHashMap<>();
    if (has(field)) {
      inner(field)
          .node
          .properties()
          .forEach(e -> map.put(e.getKey(), scalar(name(field), e.getValue())));
    }
    return map;
  }

  /** The fields of a field. */
  Fields inner(String field) {
    return new Fields(name(field), get(field));
  }

  /** Each element of a list; empty where it is missing. */
  <T> List<T> list(String field, Function<Fields, T> reader) {
    List<T> list = new ArrayList<>();
    if (has(field)) {
      if (!get(field).isArray()) {
        throw wrong(name(field) + " takes a list, each with a dash in front");
      }
      for (JsonNode element : get(field)) {
        Fields fields = new Fields(name(field) + " (" + (list.size() + 1) + ")", element);
        list.add(reader.apply(fields));
        fields.checkUnknown();
      }
    }
    return list;
  }

  /** The names of all fields. */
  List<String> names() {
    return node.properties().stream().map(Map.Entry::getKey).toList();
  }

  /** Refuses fields that nobody has asked for. */
  void checkUnknown() {
    for (String field : names()) {
      if (!known.contains(field)) {
        throw wrong(
            String.format(
                Locale.ROOT,
                "there is no field %s; known are %s",
                name(field),
                String.join(", ", known)));
      }
    }
  }

  private static String scalar(String name, JsonNode value) {
    if (value.isContainer() || value.isNull()) {
      throw wrong(name + " takes a text, not " + shown(value));
    }
    return value.asString();
  }

  private static String shown(JsonNode value) {
    return value.isObject()
        ? "fields"
        : value.isArray() ? "a list" : value.isNull() ? "nothing" : "'" + value.asString() + "'";
  }
}
