package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@code ./bench} and {@code ./serve} find their own folder and a JDK, however they are called.
 * They run as copies, beside a build that does nothing and a JDK whose java prints what it is asked
 * to do.
 */
@Rules
class ScriptsTest {
  private static final Path PROJECT = Path.of("..").toAbsolutePath().normalize();
  private static final int TIMEOUT_SECONDS = 30;

  @TempDir private Path dir;
  private Path project;

  private record Run(int exitCode, String output) {}

  @BeforeEach
  void copy() throws IOException {
    dir = dir.toRealPath();
    project = Files.createDirectories(dir.resolve("handler-models"));
    Files.createDirectories(project.resolve("scripts/help"));
    for (String script :
        List.of(
            "bench",
            "serve",
            "scripts/find-jdk.sh",
            "scripts/check-arguments.awk",
            "scripts/help/bench.txt")) {
      Files.copy(PROJECT.resolve(script), project.resolve(script));
    }
    Files.writeString(project.resolve("scripts/build.sh"), "echo \"building in $(pwd -P)\"\n");
    Path jdk = Files.createDirectories(dir.resolve("jdk/bin"));
    Files.writeString(dir.resolve("jdk/release"), "JAVA_VERSION=\"25.0.3\"\n");
    executable(jdk.resolve("java"), "#!/bin/sh\necho \"java $* in $LC_ALL\"\n");
    executable(jdk.resolve("javac"), "#!/bin/sh\n");
  }

  private static void executable(Path file, String script) throws IOException {
    Files.writeString(file, script);
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"bench", "serve vertx"})
  void a_CDPATH_leads_nowhere_else(String command) throws IOException {
    Files.createDirectories(dir.resolve("elsewhere/handler-models"));
    assertRuns(
        run(
            Map.of("CDPATH", dir.resolve("elsewhere").toString()),
            dir,
            "handler-models/" + command));
  }

  @ParameterizedTest
  @ValueSource(strings = {"bench", "serve vertx"})
  void no_HOME_is_needed(String command) {
    assertRuns(run(Map.of("HOME", ""), project, "env -u HOME ./" + command));
  }

  @ParameterizedTest
  @ValueSource(strings = {"bench", "serve vertx"})
  void a_symbolic_link_will_do(String command) throws IOException {
    String name = command.split(" ")[0];
    Files.createSymbolicLink(dir.resolve("linked"), project.resolve(name));
    assertRuns(run(Map.of(), dir, command.replace(name, "./linked")));
  }

  /** A JVM in such a locale could not open its own jar in a folder named ä. */
  @ParameterizedTest
  @ValueSource(strings = {"bench", "serve vertx"})
  void a_locale_without_UTF_8_is_replaced(String command) {
    Run run = run(Map.of("LC_ALL", "C"), project, "./" + command);
    assertRuns(run);
    assertThat(run.output()).endsWith(" in C.UTF-8\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"bench", "serve vertx"})
  void a_locale_with_UTF_8_is_kept(String command) {
    Run run = run(Map.of("LC_ALL", "de_DE.utf8"), project, "./" + command);
    assertThat(run.output()).endsWith(" in de_DE.utf8\n");
  }

  @Test
  void Git_writes_scripts_with_the_ends_of_lines_that_a_shell_reads() {
    Run told = run(Map.of(), PROJECT, "git check-attr eol -- bench serve scripts/build.sh .ci/run");
    assertThat(told.output().lines()).hasSize(4).allMatch(line -> line.endsWith(": lf"));
  }

  @Test
  void no_script_has_other_ends_of_lines() throws IOException {
    try (Stream<Path> scripts = Files.walk(PROJECT.resolve("scripts"))) {
      assertThat(
              Stream.concat(scripts, Stream.of(PROJECT.resolve("bench"), PROJECT.resolve("serve")))
                  .filter(Files::isRegularFile))
          .allSatisfy(script -> assertThat(Files.readString(script)).doesNotContain("\r"));
    }
  }

  private void assertRuns(Run run) {
    assertThat(run.exitCode()).as(run.output()).isZero();
    assertThat(run.output())
        .contains("building in " + project)
        .containsPattern("java .*-jar .*\\.jar");
  }

  private Run run(Map<String, String> environment, Path folder, String command) {
    try {
      Path output = dir.resolve("output");
      ProcessBuilder builder =
          new ProcessBuilder("sh", "-c", command)
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile());
      builder.environment().put("JAVA_HOME", dir.resolve("jdk").toString());
      builder.environment().putAll(environment);
      Process process = builder.start();
      assertThat(process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)).as(command).isTrue();
      return new Run(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
