package dev.handlermodels.loadtests.bench.sampling;

import dev.handlermodels.loadtests.bench.sampling.Sample.MachineUse;
import dev.handlermodels.loadtests.bench.sampling.Sample.ProcessUse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/** Reads a process from outside: CPU everywhere, memory and threads where there is /proc. */
public final class ProcessSampler {
  private static final Path PROC = Path.of("/proc");
  private static final int IDLE = 3;
  private static final int IO_WAIT = 4;

  /** The fields from here on, guest time, are already contained in user time. */
  private static final int GUEST = 8;

  private ProcessSampler() {}

  public static ProcessUse process(ProcessHandle process) {
    Long cpuMs = process.info().totalCpuDuration().map(Duration::toMillis).orElse(null);
    List<String> status = lines(PROC.resolve(process.pid() + "/status"));
    Long threads = field(status, "Threads:");
    return new ProcessUse(
        cpuMs,
        field(status, "VmRSS:"),
        field(status, "VmHWM:"),
        threads == null ? null : threads.intValue());
  }

  /** Descriptors that the process has open, connections among them; null without /proc. */
  public static Integer openFiles(ProcessHandle process) {
    String[] files = PROC.resolve(process.pid() + "/fd").toFile().list();
    return files == null ? null : files.length;
  }

  /** Null where there is no /proc/stat. */
  public static MachineUse machine() {
    List<String> lines = lines(PROC.resolve("stat"));
    return lines.isEmpty() ? null : machine(lines.getFirst());
  }

  public static MachineUse machine(String cpuLine) {
    long[] ticks =
        Arrays.stream(cpuLine.split("\\s+"))
            .skip(1)
            .limit(GUEST)
            .mapToLong(Long::parseLong)
            .toArray();
    long total = Arrays.stream(ticks).sum();
    return new MachineUse(total - ticks[IDLE] - ticks[IO_WAIT], total);
  }

  private static Long field(List<String> status, String name) {
    return status.stream()
        .filter(line -> line.startsWith(name))
        .map(line -> Long.valueOf(line.substring(name.length()).strip().split("\\s")[0]))
        .findFirst()
        .orElse(null);
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      return List.of(); // no /proc here, or the process has just ended
    }
  }
}
