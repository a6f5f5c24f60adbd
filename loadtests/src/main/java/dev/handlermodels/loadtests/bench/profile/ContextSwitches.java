package dev.handlermodels.loadtests.bench.profile;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * How often the threads of a process have left a processor.
 *
 * @param voluntary because they had to wait
 * @param involuntary because their time was up
 */
public record ContextSwitches(long voluntary, long involuntary) {
  private static final Path PROC = Path.of("/proc");
  private static final String VOLUNTARY = "voluntary_ctxt_switches:";
  private static final String INVOLUNTARY = "nonvoluntary_ctxt_switches:";

  /** Of each thread; null where there is no /proc. */
  static Map<String, ContextSwitches> ofThreads(ProcessHandle process) {
    Map<String, ContextSwitches> threads = new HashMap<>();
    try (Stream<Path> tasks = Files.list(PROC.resolve(process.pid() + "/task"))) {
      for (Path task : tasks.toList()) {
        ContextSwitches one = read(task.resolve("status"));
        if (one != null) {
          threads.put(task.getFileName().toString(), one);
        }
      }
    } catch (IOException _) {
      return null;
    }
    return threads;
  }

  /** Null for a thread that has just ended. */
  private static ContextSwitches read(Path status) {
    try {
      return parse(Files.readAllLines(status));
    } catch (IOException _) {
      return null;
    }
  }

  static ContextSwitches parse(List<String> status) {
    return new ContextSwitches(field(status, VOLUNTARY), field(status, INVOLUNTARY));
  }

  private static long field(List<String> status, String name) {
    return status.stream()
        .filter(line -> line.startsWith(name))
        .mapToLong(line -> Long.parseLong(line.substring(name.length()).strip()))
        .findFirst()
        .orElse(0);
  }

  /** Those in between, of the threads that are still there; null where any is unknown. */
  static ContextSwitches between(
      Map<String, ContextSwitches> before, Map<String, ContextSwitches> after) {
    if (before == null || after == null) {
      return null;
    }
    ContextSwitches none = new ContextSwitches(0, 0);
    return after.entrySet().stream()
        .map(thread -> thread.getValue().minus(before.getOrDefault(thread.getKey(), none)))
        .reduce(none, ContextSwitches::plus);
  }

  private ContextSwitches minus(ContextSwitches other) {
    return new ContextSwitches(voluntary - other.voluntary, involuntary - other.involuntary);
  }

  ContextSwitches plus(ContextSwitches other) {
    return new ContextSwitches(voluntary + other.voluntary, involuntary + other.involuntary);
  }
}
