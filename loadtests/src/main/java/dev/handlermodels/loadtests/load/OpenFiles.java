package dev.handlermodels.loadtests.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/** How many files a process may open; a JVM raises its own limit up to the hard one. */
public final class OpenFiles {
  /** The files that a JVM has open beside connections. */
  private static final int BESIDE_CONNECTIONS = 500;

  private OpenFiles() {}

  /** A server has a connection on each side of every request. */
  public static int needed(int users) {
    return neededForConnections(2 * users);
  }

  /** For connections behind which none to an upstream is opened. */
  public static int neededForConnections(int connections) {
    return connections + BESIDE_CONNECTIONS;
  }

  /** Empty where there is no such limit, or no /proc. */
  public static OptionalLong limit() {
    try {
      return limit(Files.readAllLines(Path.of("/proc/self/limits")));
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }

  public static OptionalLong limit(List<String> limits) {
    return limits.stream()
        .filter(line -> line.startsWith("Max open files"))
        .map(line -> line.substring("Max open files".length()).strip().split("\\s+")[1])
        .filter(hard -> !hard.equals("unlimited"))
        .mapToLong(Long::parseLong)
        .findFirst();
  }
}
