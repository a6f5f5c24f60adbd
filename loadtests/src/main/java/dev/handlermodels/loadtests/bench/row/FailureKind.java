package dev.handlermodels.loadtests.bench.row;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Names the kind of a failure from the message that Gatling logs for it. */
final class FailureKind {
  private static final Pattern STATUS = Pattern.compile("status\\.find.*found (\\d{3})");

  private FailureKind() {}

  /** One of: time-out, refused, reset, status NNN, other. */
  static String of(String message) {
    String lower = message.toLowerCase(java.util.Locale.ROOT);
    Matcher status = STATUS.matcher(lower);
    if (status.find()) {
      return "status " + status.group(1);
    }
    if (lower.contains("timeout") || lower.contains("timed out")) {
      return "time-out";
    }
    if (lower.contains("refused")) {
      return "refused";
    }
    if (lower.contains("premature close")
        || lower.contains("reset")
        || lower.contains("closed")
        || lower.contains("broken pipe")) {
      return "reset";
    }
    return "other";
  }
}
