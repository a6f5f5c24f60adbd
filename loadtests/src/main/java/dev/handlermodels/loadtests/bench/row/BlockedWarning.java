package dev.handlermodels.loadtests.bench.row;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A warning of Vert.x that a loop has been blocked, as server.log holds it.
 *
 * @param atMs epoch milliseconds
 * @param stack the frames, the innermost first; empty for the lines that follow the first of a
 *     block
 */
public record BlockedWarning(long atMs, String message, List<String> stack) {
  private static final Pattern WARNING =
      Pattern.compile("(\\S+) +WARNING +\\S*Blocked(?:ThreadChecker|Loops) - (.*)");
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSZ", Locale.ROOT);
  private static final String FRAME = "\tat ";
  private static final String OURS = "dev.handlermodels.";

  /** All warnings of a log; none where there is no log. */
  public static List<BlockedWarning> read(Path log) throws IOException {
    List<BlockedWarning> warnings = new ArrayList<>();
    if (Files.notExists(log)) {
      return warnings;
    }
    List<String> stack = null;
    for (String line : Files.readAllLines(log)) {
      Matcher warning = WARNING.matcher(line);
      if (warning.matches()) {
        stack = new ArrayList<>();
        long atMs = OffsetDateTime.parse(warning.group(1), TIME).toInstant().toEpochMilli();
        warnings.add(new BlockedWarning(atMs, warning.group(2), stack));
      } else if (stack != null && line.startsWith(FRAME)) {
        stack.add(line.substring(FRAME.length()));
      } else if (!line.startsWith("io.vertx.core.VertxException")) {
        stack = null; // another line of the log
      }
    }
    return warnings;
  }

  public boolean namesBlockingClient() {
    return stack.stream().anyMatch(frame -> frame.contains(".BlockingClient."));
  }

  /** The message, the innermost frame, our own ones and the outermost. */
  public List<String> shortened() {
    List<String> lines = new ArrayList<>(List.of(message));
    int hidden = 0;
    for (int i = 0; i < stack.size(); i++) {
      if (i == 0 || i == stack.size() - 1 || stack.get(i).startsWith(OURS)) {
        if (hidden > 0) {
          lines.add("    ... " + hidden + " more");
        }
        lines.add("    at " + stack.get(i));
        hidden = 0;
      } else {
        hidden++;
      }
    }
    return lines;
  }
}
