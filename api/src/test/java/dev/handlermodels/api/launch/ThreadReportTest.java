package dev.handlermodels.api.launch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ThreadReportTest {
  /** Names the collectors whose time is a pause; run in a JVM of its own. */
  static final class Pauses {
    private Pauses() {}

    public static void main(String[] args) {
      ManagementFactory.getGarbageCollectorMXBeans().stream()
          .map(GarbageCollectorMXBean::getName)
          .filter(ThreadReport.Gc::stopsThreads)
          .sorted()
          .forEach(System.out::println);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "Serial, Copy;MarkSweepCompact",
    "Parallel, PS MarkSweep;PS Scavenge",
    "G1, G1 Concurrent GC;G1 Old Generation;G1 Young Generation", // its remarks and clean-ups
    "Z, ZGC Major Pauses;ZGC Minor Pauses",
  })
  void whatACollectorDoesBesideTheProgramIsNoPause(String collector, String pauses)
      throws IOException, InterruptedException {
    Process jvm =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+Use" + collector + "GC",
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                Pauses.class.getName())
            .redirectErrorStream(true)
            .start();
    String printed = new String(jvm.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(jvm.waitFor()).as(printed).isZero();
    assertThat(printed.lines()).containsExactly(pauses.split(";"));
  }
}
