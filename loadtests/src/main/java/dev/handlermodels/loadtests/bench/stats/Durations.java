package dev.handlermodels.loadtests.bench.stats;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A length of time as people type it: 30m, 1800s, 2h. */
public final class Durations {
  private static final Pattern SPAN = Pattern.compile("(\\d{1,6})([smh])");

  private Durations() {}

  /**
   * Seconds.
   *
   * @throws IllegalArgumentException with one sentence that names the option and what it accepts
   */
  public static int seconds(String option, String text, int min, int max) {
    Matcher span = SPAN.matcher(text);
    if (span.matches()) {
      long seconds = Long.parseLong(span.group(1)) * unit(span.group(2));
      if (seconds >= min && seconds <= max) {
        return (int) seconds;
      }
    }
    throw new IllegalArgumentException(
        String.format(
            Locale.ROOT,
            "%s takes a time such as 1800s, 30m or 2h, from %s to %s, not '%s'.",
            option,
            text(min),
            text(max),
            text));
  }

  private static int unit(String letter) {
    return switch (letter) {
      case "s" -> 1;
      case "m" -> 60;
      default -> 3600;
    };
  }

  /** {@code 90s}, {@code 30m} or {@code 2h}: in the largest unit that fits. */
  public static String text(int seconds) {
    if (seconds % 3600 == 0) {
      return seconds / 3600 + "h";
    }
    return seconds % 60 == 0 ? seconds / 60 + "m" : seconds + "s";
  }
}
