package dev.handlermodels.contracttests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@code ./serve all} starts three servers and ends them together. The servers are those of a java
 * that says what it was asked for, is ready, and ends when it is told to.
 */
@Rules
class ServeAllTest {
  private static final Path PROJECT = Path.of("..").toAbsolutePath().normalize();

  private static final String JAVA =
      """
      #!/bin/sh
      name=$(echo "$*" | sed 's/.*server-\\([a-z]*\\)[.]jar.*/\\1/')
      echo $$ >"$PIDS/.$name" && mv "$PIDS/.$name" "$PIDS/$name"
      echo "asked: $PORT $MANAGEMENT_PORT $PLAY_ORIGINS"
      [ "$name" != "$FAILS" ] || { echo "the main listener cannot be opened" >&2; exit 1; }
      trap 'echo draining; kill "$waits"; exit 0' TERM
      sleep 60 >/dev/null 2>&1 &
      waits=$!
      echo "ready $name on http://127.0.0.1:$PORT"
      wait
      """;

  @TempDir private Path dir;
  private Path output;
  private Path pids;
  private Process process;

  @BeforeEach
  void copy() throws IOException {
    dir = dir.toRealPath();
    Path project = Files.createDirectories(dir.resolve("project"));
    Files.createDirectories(project.resolve("scripts"));
    for (String script : List.of("serve", "scripts/find-jdk.sh", "scripts/serve-all.sh")) {
      Files.copy(PROJECT.resolve(script), project.resolve(script));
    }
    Files.writeString(project.resolve("scripts/build.sh"), "echo \"building $modules\"\n");
    Path jdk = Files.createDirectories(dir.resolve("jdk/bin"));
    Files.writeString(dir.resolve("jdk/release"), "JAVA_VERSION=\"25.0.3\"\n");
    executable(jdk.resolve("java"), JAVA);
    executable(jdk.resolve("javac"), "#!/bin/sh\n");
    pids = Files.createDirectories(dir.resolve("pids"));
    output = dir.resolve("output");
  }

  @AfterEach
  void end() {
    if (process != null) {
      process.destroyForcibly();
    }
    serversLeft().forEach(ProcessHandle::destroyForcibly);
  }

  private static void executable(Path file, String script) throws IOException {
    Files.writeString(file, script);
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }

  @Test
  void three_servers_start_on_ports_of_their_own_and_know_each_other() {
    start(Map.of());
    awaitOutput("Ctrl-C ends all of them.");

    String origins =
        "http://127.0.0.1:8080,http://localhost:8080,http://127.0.0.1:8081,"
            + "http://localhost:8081,http://127.0.0.1:8082,http://localhost:8082";
    assertThat(output())
        .contains("building server-vertx,server-nima,server-blocking")
        .contains("vertx     asked: 8080 9090 " + origins)
        .contains("nima      asked: 8081 9091 " + origins)
        .contains("blocking  asked: 8082 9092 " + origins)
        .contains("http://127.0.0.1:8080/play?with=http://127.0.0.1:8081,http://127.0.0.1:8082\n");
    assertThat(serversLeft()).hasSize(3);
  }

  @Test
  void settings_name_the_first_of_three_ports() {
    start(Map.of("PORT", "18080", "MANAGEMENT_PORT", "19090", "PLAY_ORIGINS", "none"));
    awaitOutput("Ctrl-C ends all of them.");
    assertThat(output())
        .contains("asked: 18080 19090 none", "asked: 18081 19091 none", "asked: 18082 19092 none")
        .contains("http://127.0.0.1:18080/play?with=http://127.0.0.1:18081,");
  }

  @ParameterizedTest
  @ValueSource(strings = {"INT", "TERM"})
  void one_signal_ends_all(String signal) throws IOException, InterruptedException {
    start(Map.of());
    awaitOutput("Ctrl-C ends all of them.");
    assertThat(
            new ProcessBuilder("kill", "-s", signal, Long.toString(process.pid()))
                .start()
                .waitFor())
        .isZero();
    assertThat(exitCode()).isZero();
    assertThat(output()).contains("vertx     draining", "nima      draining", "blocking  draining");
    assertThat(serversLeft()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"vertx", "nima", "blocking"})
  void where_one_does_not_start_the_others_end(String fails) {
    start(Map.of("FAILS", fails));
    assertThat(exitCode()).isEqualTo(1);
    assertThat(output())
        .contains("the main listener cannot be opened")
        .contains(fails + " did not start, so all three are stopped\n")
        .doesNotContain("/play?with=");
    assertThat(serversLeft()).isEmpty();
  }

  @Test
  void where_one_ends_by_itself_the_others_end() throws IOException {
    start(Map.of());
    awaitOutput("Ctrl-C ends all of them.");
    server("nima").destroyForcibly();
    assertThat(exitCode()).isEqualTo(1);
    assertThat(output()).contains("nima has ended, so all three are stopped\n");
    assertThat(serversLeft()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "65534", "x", "08080"})
  void three_servers_need_three_ports(String port) {
    for (String setting : List.of("PORT", "MANAGEMENT_PORT")) {
      start(Map.of(setting, port));
      assertThat(exitCode()).isEqualTo(2);
      assertThat(output())
          .contains(setting + " is '" + port + "' but has to be a whole number from 1 to 65533");
    }
  }

  private void start(Map<String, String> environment) {
    ProcessBuilder builder =
        new ProcessBuilder("project/serve", "all")
            .directory(dir.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().keySet().removeAll(List.of("PORT", "MANAGEMENT_PORT", "PLAY_ORIGINS"));
    builder.environment().put("JAVA_HOME", dir.resolve("jdk").toString());
    builder.environment().put("PIDS", pids.toString());
    builder.environment().put("FAILS", "");
    builder.environment().putAll(environment);
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void awaitOutput(String text) {
    Await.until(() -> text + " in " + output(), () -> output().contains(text));
  }

  private String output() {
    try {
      return Files.readString(output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private int exitCode() {
    try {
      assertThat(process.waitFor(Await.BOUND.toMillis(), TimeUnit.MILLISECONDS))
          .as(this::output)
          .isTrue();
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  private ProcessHandle server(String name) throws IOException {
    return ProcessHandle.of(Long.parseLong(Files.readString(pids.resolve(name)).strip()))
        .orElseThrow();
  }

  /** Those that still run. */
  private List<ProcessHandle> serversLeft() {
    try (Stream<Path> files = Files.list(pids)) {
      return files
          .filter(file -> !file.getFileName().toString().startsWith(".")) // not whole yet
          .map(
              file -> {
                try {
                  return Files.readString(file).strip();
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              })
          .flatMap(pid -> ProcessHandle.of(Long.parseLong(pid)).stream())
          .filter(ProcessHandle::isAlive)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
