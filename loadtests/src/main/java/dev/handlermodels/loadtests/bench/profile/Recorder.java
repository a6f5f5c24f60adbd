package dev.handlermodels.loadtests.bench.profile;

import dev.handlermodels.loadtests.bench.process.MeasurementException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** Starts and stops recordings of Java Flight Recorder in a running JVM, by jcmd. */
final class Recorder {
  private static final String JCMD =
      Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();

  private static final String NAME = "bench";
  private static final String SETTINGS = "/profile.jfc";
  private static final long WITHIN_SECONDS = 20;

  /** By CPU time since JDK 25, on Linux alone; elsewhere by ticks of the clock. */
  private static final boolean BY_CPU_TIME =
      Runtime.version().feature() >= 25
          && System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("linux");

  private final ProcessHandle jvm;
  private final Path dir;
  private final Path settings;

  /**
   * @param jvm of the same version as this one
   * @param dir for recordings and logs
   */
  Recorder(ProcessHandle jvm, Path dir) throws IOException {
    this.jvm = jvm;
    this.dir = dir;
    settings = dir.resolve("profile.jfc");
    try (InputStream in = Recorder.class.getResourceAsStream(SETTINGS)) {
      if (in == null) {
        throw new IOException("The class path lacks " + SETTINGS);
      }
      Files.write(settings, in.readAllBytes());
    }
  }

  /** Which samples the recordings have. */
  static String sampleEvent() {
    return BY_CPU_TIME ? "jdk.CPUTimeSample" : "jdk.ExecutionSample";
  }

  /** What the first recording loads and compiles is not to be in the next one. */
  void prepare() throws IOException, InterruptedException, MeasurementException {
    // Deep stacks have to be asked for before the first recording; where there was one, so be it.
    run("JFR.configure", "stackdepth=256");
    start();
    jcmd("JFR.stop", "name=" + NAME);
  }

  void start() throws IOException, InterruptedException, MeasurementException {
    List<String> command = new ArrayList<>(List.of("JFR.start", "name=" + NAME));
    command.add("settings=" + quoted(settings));
    command.add(sampleEvent() + "#enabled=true");
    jcmd(command.toArray(String[]::new));
  }

  void stop(Path recording) throws IOException, InterruptedException, MeasurementException {
    jcmd("JFR.stop", "name=" + NAME, "filename=" + quoted(recording));
  }

  /** A folder may have a space in its name. */
  private static String quoted(Path file) {
    return "\"" + file.toAbsolutePath() + "\"";
  }

  private void jcmd(String... words)
      throws IOException, InterruptedException, MeasurementException {
    if (run(words) != 0) {
      throw new MeasurementException(
          words[0] + " failed: is the server a JVM?", Files.readAllLines(log()));
    }
  }

  private Path log() {
    return dir.resolve("jcmd.log");
  }

  private int run(String... words) throws IOException, InterruptedException, MeasurementException {
    List<String> command = new ArrayList<>(List.of(JCMD, Long.toString(jvm.pid())));
    command.addAll(List.of(words));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
            .start();
    if (!process.waitFor(WITHIN_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new MeasurementException(words[0] + " did not end in time.", List.of());
    }
    return process.exitValue();
  }
}
