package dev.handlermodels.loadtests.bench.servers;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The variables of a description, written <code>${port}</code>. */
public final class Variables {
  private static final Pattern VARIABLE = Pattern.compile("\\$\\{([^}]*)}");

  /** Of a command, an environment and the URLs of census and settings. */
  static final List<String> OF_A_START =
      List.of(
          "java",
          "heap",
          "program",
          "host",
          "port",
          "managementPort",
          "management",
          "upstream",
          "users",
          "waitMs",
          "loops",
          "pool",
          "workers",
          "queue");

  /** Of an explanation. */
  static final List<String> OF_A_TEXT =
      List.of(
          "ceiling",
          "places",
          "timeoutMs",
          "outcome",
          "answersPerSecond",
          "failuresPerSecond",
          "medianMs");

  private Variables() {}

  /** The text with all its variables replaced; one without a value becomes empty. */
  public static String fill(String text, Map<String, String> values) {
    return VARIABLE
        .matcher(text)
        .replaceAll(found -> Matcher.quoteReplacement(values.getOrDefault(found.group(1), "")));
  }

  /** Whether the text has one at all. */
  public static boolean areIn(String text) {
    return VARIABLE.matcher(text).find();
  }

  /** Whether the text has this one. */
  public static boolean isIn(String name, String text) {
    return text.contains("${" + name + "}");
  }

  /** Refuses a variable that is not known. */
  static String checked(String text, List<String> known) {
    Matcher found = VARIABLE.matcher(text);
    while (found.find()) {
      if (!known.contains(found.group(1))) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "there is no variable ${%s}; known are %s",
                found.group(1),
                String.join(", ", known)));
      }
    }
    return text;
  }
}
