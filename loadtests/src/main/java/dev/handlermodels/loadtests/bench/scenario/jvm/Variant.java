package dev.handlermodels.loadtests.bench.scenario.jvm;

import dev.handlermodels.loadtests.bench.stats.Numbers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One way to run the JVM of a server.
 *
 * @param gc its collector
 * @param cpus processors that it may use
 */
record Variant(String gc, int heapMiB, int cpus) {
  static final List<String> COLLECTORS = List.of("serial", "parallel", "g1", "zgc");

  private static final Pattern HEAP = Pattern.compile("(\\d{1,5})([mg])");
  private static final int LEAST_HEAP_MIB = 64;
  private static final int MOST_HEAP_MIB = 8192;
  private static final int MIB_PER_GIB = 1024;
  private static final Path TASKSET = Path.of("/usr/bin/taskset");

  /** All of them, the processors first: what differs most stands apart. */
  static List<Variant> all(List<String> collectors, List<Integer> heaps, List<Integer> cpus) {
    List<Variant> all = new ArrayList<>();
    for (int processors : cpus) {
      for (int heap : heaps) {
        collectors.forEach(gc -> all.add(new Variant(gc, heap, processors)));
      }
    }
    return List.copyOf(all);
  }

  /**
   * The MiB of {@code 256m} or {@code 1g}.
   *
   * @throws IllegalArgumentException with the sentence for the caller
   */
  static int heapMiB(String text) {
    Matcher heap = HEAP.matcher(text);
    int mib =
        heap.matches()
            ? Integer.parseInt(heap.group(1)) * (heap.group(2).equals("g") ? MIB_PER_GIB : 1)
            : 0;
    if (mib < LEAST_HEAP_MIB || mib > MOST_HEAP_MIB) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "--heap takes sizes from %dm to %dg, such as 256m,1g, not '%s'.",
              LEAST_HEAP_MIB,
              MOST_HEAP_MIB / MIB_PER_GIB,
              text));
    }
    return mib;
  }

  /** Behind those of jvm.options, which name the serial collector. */
  List<String> flags() {
    List<String> flags = new ArrayList<>(List.of("-Xms" + heapMiB + "m", "-Xmx" + heapMiB + "m"));
    if (!gc.equals("serial")) {
      flags.add("-XX:-UseSerialGC");
      flags.add("-XX:+Use" + (gc.equals("zgc") ? "ZGC" : gc.equals("g1") ? "G1GC" : "ParallelGC"));
    }
    if (!canPin()) {
      flags.add("-XX:ActiveProcessorCount=" + cpus);
    }
    return flags;
  }

  /** Before the command: the kernel itself keeps the process to its processors. */
  List<String> before() {
    return canPin()
        ? List.of(TASKSET.toString(), "-c", cpus == 1 ? "0" : "0-" + (cpus - 1))
        : List.of();
  }

  private static boolean canPin() {
    return Files.isExecutable(TASKSET);
  }

  /** How processors are withheld, in words. */
  static String means() {
    return canPin()
        ? "taskset (the kernel keeps the server's threads to them)"
        : "-XX:ActiveProcessorCount (the JVM makes threads for so many, and the kernel runs them"
            + " anywhere)";
  }

  String label() {
    return String.format(
        Locale.ROOT,
        "%s, %s MiB, %s",
        gc,
        Numbers.whole(heapMiB),
        cpus == 1 ? "1 processor" : cpus + " processors");
  }
}
