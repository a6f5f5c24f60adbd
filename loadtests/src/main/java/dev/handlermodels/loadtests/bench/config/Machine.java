package dev.handlermodels.loadtests.bench.config;

import com.sun.management.OperatingSystemMXBean;
import dev.handlermodels.loadtests.bench.stats.Numbers;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Where a run took place.
 *
 * @param cores processors that this process may use
 * @param commit of the project, with {@code -dirty} for changed files; null outside a repository
 * @param serverFlags JVM flags of every server and, but for the AOT cache, of the upstream
 */
public record Machine(
    String os,
    String cpu,
    int cores,
    long memoryMiB,
    String jdk,
    String commit,
    List<String> serverFlags,
    List<String> gatlingFlags) {

  public static Machine here(Layout layout) throws IOException {
    OperatingSystemMXBean os = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    return new Machine(
        os.getName() + " " + os.getVersion() + " " + os.getArch(),
        cpuModel(),
        Runtime.getRuntime().availableProcessors(),
        os.getTotalMemorySize() >> 20,
        System.getProperty("java.vm.vendor") + " " + System.getProperty("java.vm.version"),
        describeCommit(layout.root()),
        flags(layout.root().resolve(Layout.JVM_OPTIONS)),
        JvmFlags.GATLING);
  }

  /** One sentence about the machine, for the setting of a scenario. */
  public String sentence() {
    return sentence(Numbers.whole(memoryMiB) + " MiB, ");
  }

  /** The same for a scenario in which memory plays no part. */
  public String sentenceWithoutMemory() {
    return sentence("");
  }

  private String sentence(String memory) {
    return String.format(
        Locale.ROOT,
        "%s on %d cores (%s), %s%s, commit %s.",
        os,
        cores,
        cpu,
        memory,
        jdk,
        commit == null ? "unknown" : commit);
  }

  /** Empty where the bench came without the project, and starts no server. */
  private static List<String> flags(Path file) throws IOException {
    if (Files.notExists(file)) {
      return List.of();
    }
    Stream<String> shared =
        Files.readAllLines(file).stream()
            .map(String::strip)
            .filter(line -> !line.isEmpty() && !line.startsWith("#"));
    return Stream.concat(shared, Stream.of(JvmFlags.aotCache("NAME"))).toList();
  }

  private static String cpuModel() {
    try {
      return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse("unknown");
    } catch (IOException e) {
      return "unknown";
    }
  }

  private static String describeCommit(Path root) {
    try {
      Process git =
          new ProcessBuilder("git", "describe", "--always", "--dirty", "--abbrev=12")
              .directory(root.toFile())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (!git.waitFor(5, TimeUnit.SECONDS)) {
        git.destroyForcibly();
        return null;
      }
      String commit =
          new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      return git.exitValue() == 0 ? commit : null;
    } catch (IOException e) {
      return null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    }
  }
}
