package dev.handlermodels.api.telemetry;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** What the kernel says of this process, which the JVM itself cannot know. */
public final class ProcStatus {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final long BYTES_PER_KIB = 1024;

  private ProcStatus() {}

  /** Carriers and compiler threads included; null where there is no /proc. */
  public static Integer osThreads() {
    OptionalLong threads = read("Threads:");
    return threads.isPresent() ? Math.toIntExact(threads.getAsLong()) : null;
  }

  /** Not a number where there is no /proc. */
  static double residentBytes() {
    OptionalLong kib = read("VmRSS:");
    return kib.isPresent() ? (double) kib.getAsLong() * BYTES_PER_KIB : Double.NaN;
  }

  private static OptionalLong read(String name) {
    try (var lines = Files.lines(STATUS)) {
      return lines
          .filter(line -> line.startsWith(name))
          .map(line -> line.substring(name.length()).strip().split(" ")[0])
          .mapToLong(Long::parseLong)
          .findFirst();
    } catch (IOException _) {
      return OptionalLong.empty();
    }
  }
}
