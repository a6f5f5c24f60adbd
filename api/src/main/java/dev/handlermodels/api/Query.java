package dev.handlermodels.api;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The query of a request: parsed and checked in one place, because the three frameworks differ on
 * what a repeated, empty or wrongly encoded parameter means. Parameters that an endpoint does not
 * have are refused, so that a misspelt {@code waitms=5} does not silently measure the default.
 */
public final class Query {
  private static final Query EMPTY = new Query(Map.of());

  private final Map<String, String> values;

  private Query(Map<String, String> values) {
    this.values = values;
  }

  /**
   * @param rawQuery the part behind the question mark, not decoded; null or empty where there is
   *     none
   * @param known the parameters that the endpoint has
   * @throws ProblemException 400 for an unknown, repeated or wrongly encoded parameter
   */
  public static Query of(String rawQuery, Set<String> known) {
    if (rawQuery == null || rawQuery.isEmpty()) {
      return EMPTY;
    }
    Map<String, String> values = new HashMap<>();
    for (String pair : rawQuery.split("&")) {
      if (pair.isEmpty()) {
        continue; // nothing between two separators, as the URL standard's form parser has it
      }
      int equals = pair.indexOf('=');
      String name = decode(equals < 0 ? pair : pair.substring(0, equals));
      String value = equals < 0 ? "" : decode(pair.substring(equals + 1));
      if (!known.contains(name)) {
        throw Problems.badParameter(name, acceptsOneOf(known), "is no parameter of this endpoint");
      }
      if (values.put(name, value) != null) {
        throw Problems.badParameter(name, "one value", "is given more than once");
      }
    }
    return new Query(values);
  }

  /** The query of an endpoint that takes {@code waitMs} and nothing else. */
  public static int waitMs(String rawQuery) {
    return of(rawQuery, Set.of("waitMs")).waitMs();
  }

  /** The query of an endpoint that takes {@code work} and nothing else. */
  public static int work(String rawQuery) {
    return of(rawQuery, Set.of("work")).work();
  }

  /** What {@code /mixed} is asked for. */
  public record Mixed(int waitMs, int work) {}

  public static Mixed mixed(String rawQuery) {
    Query query = of(rawQuery, Set.of("waitMs", "work"));
    return new Mixed(query.waitMs(), query.work());
  }

  /** The query of {@code /steps}. */
  public static Steps steps(String rawQuery) {
    return Steps.of(
        of(rawQuery, Set.of("steps")).values.getOrDefault("steps", Limits.DEFAULT_STEPS));
  }

  /**
   * What {@code /db} is asked for.
   *
   * @param queries one after another, in one connection
   * @param holdMs how much longer each of them holds it
   */
  public record Rows(int queries, int holdMs) {}

  public static Rows rows(String rawQuery) {
    Query query = of(rawQuery, Set.of("queries", "holdMs"));
    return new Rows(
        query.integer("queries", 1, Limits.MAX_QUERIES, Limits.DEFAULT_QUERIES),
        query.integer("holdMs", 0, Limits.MAX_HOLD_MS, Limits.DEFAULT_HOLD_MS));
  }

  /** The race that {@code /race} is asked for, not yet run. */
  public static Race race(String rawQuery) {
    Query query = of(rawQuery, Set.of("tasks", "safe"));
    return new Race(
        query.integer("tasks", 1, Limits.MAX_RACE_TASKS, Limits.DEFAULT_RACE_TASKS),
        query.flag("safe"));
  }

  /** The query of {@code /fanout}. */
  public static FanOut fanOut(String rawQuery) {
    Query query = of(rawQuery, Set.of("calls", "waitMs", "concurrency"));
    int concurrency =
        query.integer("concurrency", 1, Limits.MAX_CONCURRENCY, Limits.DEFAULT_CONCURRENCY);
    return new FanOut(
        query.integer("calls", 1, Limits.MAX_CALLS, Limits.DEFAULT_CALLS),
        query.integer("waitMs", 0, Limits.MAX_WAIT_MS, Limits.DEFAULT_WAIT_MS),
        concurrency,
        concurrency);
  }

  /** The query of {@code /aggregate/{user}}. */
  public static Aggregate aggregate(String user, String rawQuery) {
    Query query = of(rawQuery, Set.of("strict", "profileMs", "postsMs", "ordersMs", "broken"));
    Set<Aggregate.Backend> broken = query.broken();
    return new Aggregate(
        user,
        query.flag("strict"),
        Arrays.stream(Aggregate.Backend.values())
            .map(backend -> query.part(backend, user, broken.contains(backend)))
            .toList());
  }

  private Aggregate.Part part(Aggregate.Backend backend, String user, boolean broken) {
    int waitMs =
        integer(backend.waitParameter(), 0, Limits.MAX_WAIT_MS, Limits.DEFAULT_SERVICE_WAIT_MS);
    return new Aggregate.Part(backend, user, waitMs, broken);
  }

  /** The services that the parameter names, separated by commas; none where it is missing. */
  private Set<Aggregate.Backend> broken() {
    String value = values.get("broken");
    Set<Aggregate.Backend> named = EnumSet.noneOf(Aggregate.Backend.class);
    for (String label : value == null ? new String[0] : value.split(",", -1)) {
      Aggregate.Backend backend = Aggregate.Backend.of(label).orElse(null);
      if (backend == null || !named.add(backend)) {
        throw Problems.badParameter(
            "broken",
            "profile, posts and orders, each once, separated by commas",
            "is '" + Problems.shown(value) + "'");
      }
    }
    return named;
  }

  /** How many tasks {@code GET /tasks} shall list. */
  public static int tasksListed(String rawQuery) {
    return of(rawQuery, Set.of("limit"))
        .integer("limit", 1, Limits.MAX_TASKS_LISTED, Limits.DEFAULT_TASKS_LISTED);
  }

  /**
   * The query of {@code /stream}.
   *
   * @param everyMs from one item to the next
   */
  public record Stream(int items, int everyMs) {}

  /**
   * @throws ProblemException 400 also where each parameter is within its limits and the stream
   *     would last too long
   */
  public static Stream stream(String rawQuery) {
    Query query = of(rawQuery, Set.of("items", "everyMs"));
    Stream stream =
        new Stream(
            query.integer("items", 1, Limits.MAX_STREAM_ITEMS, Limits.DEFAULT_STREAM_ITEMS),
            query.integer("everyMs", 0, Limits.MAX_EVERY_MS, Limits.DEFAULT_EVERY_MS));
    if ((long) stream.items * stream.everyMs > Limits.MAX_STREAM_MS) {
      throw Problems.badParameter(
          "items",
          "items x everyMs of at most " + Limits.MAX_STREAM_MS,
          "is " + stream.items + " where everyMs is " + stream.everyMs);
    }
    return stream;
  }

  /**
   * Who wants to chat where.
   *
   * @param room of the path
   * @param name of the client, as it calls itself
   */
  public record Chat(String room, String name) {}

  /**
   * @throws ProblemException 400 where the name is none
   */
  public static Chat chat(String room, String rawQuery) {
    String name = of(rawQuery, Set.of("name")).values.getOrDefault("name", "anonymous");
    boolean isName =
        !name.isEmpty()
            && name.length() <= Limits.CHAT_NAME_CHARS
            && name.codePoints().allMatch(Query::isOfName);
    if (!isName) {
      throw Problems.badParameter(
          "name",
          "1 to " + Limits.CHAT_NAME_CHARS + " letters, digits, spaces or any of - _ .",
          "is '" + Problems.shown(name) + "'");
    }
    return new Chat(room, name);
  }

  private static boolean isOfName(int c) {
    return Character.isLetterOrDigit(c) || c == ' ' || c == '-' || c == '_' || c == '.';
  }

  /** The servers that {@code /play} shall show beside this one, as origins. */
  public static List<String> playedWith(String rawQuery) {
    String with = of(rawQuery, Set.of("with")).values.get("with");
    return with == null ? List.of() : List.of(with.split(",", -1));
  }

  /** The query of an endpoint that takes no parameter. */
  public static void none(String rawQuery) {
    of(rawQuery, Set.of());
  }

  private int waitMs() {
    return integer("waitMs", 0, Limits.MAX_WAIT_MS, Limits.DEFAULT_WAIT_MS);
  }

  private int work() {
    return integer("work", 0, Limits.MAX_WORK, Limits.DEFAULT_WORK);
  }

  /**
   * @return the parameter, false where it is missing
   * @throws ProblemException 400 where it is neither {@code true} nor {@code false}
   */
  boolean flag(String name) {
    String value = values.getOrDefault(name, "false");
    if (!value.equals("true") && !value.equals("false")) {
      throw Problems.badParameter(name, "true or false", "is '" + Problems.shown(value) + "'");
    }
    return value.equals("true");
  }

  /**
   * @return the parameter as a whole number, or the default where it is missing
   * @throws ProblemException 400 where it is not a whole number in decimal ASCII digits from min to
   *     max
   */
  int integer(String name, int min, int max, int defaultValue) {
    String value = values.get(name);
    if (value == null) {
      return defaultValue;
    }
    // Integer.parseInt takes a leading plus and the digits of other scripts; a validator or proxy
    // in front would not.
    boolean digits =
        !value.isEmpty()
            && value.length() <= 10
            && value.chars().allMatch(c -> c >= '0' && c <= '9');
    long number = digits ? Long.parseLong(value) : -1;
    if (number < min || number > max) {
      throw Problems.badParameter(
          name, "a whole number from " + min + " to " + max, "is '" + Problems.shown(value) + "'");
    }
    return (int) number;
  }

  private static String decode(String encoded) {
    try {
      return URLDecoder.decode(encoded, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException _) {
      throw Problems.badParameter(encoded, "percent-encoded UTF-8", "is wrongly percent-encoded");
    }
  }

  private static String acceptsOneOf(Set<String> known) {
    return known.isEmpty() ? "no parameters" : String.join(", ", new TreeSet<>(known));
  }
}
