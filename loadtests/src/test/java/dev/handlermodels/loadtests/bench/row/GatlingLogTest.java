package dev.handlermodels.loadtests.bench.row;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.handlermodels.loadtests.bench.row.GatlingLog.Response;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** RowRunnerTest reads a log that Gatling itself wrote; here are the logs it should not write. */
class GatlingLogTest {
  private static final List<Response> RESPONSES =
      List.of(
          new Response(1000, 2000, true, ""),
          new Response(1000, 3000, false, "Premature close"),
          new Response(2000, 4000, false, "Premature close"));

  @TempDir private Path dir;

  @Test
  void everyResponseIsRead() throws IOException {
    GatlingLog log = GatlingLog.read(file(log("3.15.1")));

    assertThat(log.responses()).isEqualTo(RESPONSES);
    assertThat(log.truncated()).isFalse();
  }

  @Test
  void aTruncatedEndCostsTheLastResponseOnly() throws IOException {
    byte[] whole = log("3.15.1");
    GatlingLog log = GatlingLog.read(file(Arrays.copyOf(whole, whole.length - 3)));

    assertThat(log.responses()).isEqualTo(RESPONSES.subList(0, 2));
    assertThat(log.truncated()).isTrue();
  }

  @Test
  void anotherVersionIsRefusedWithASentence() throws IOException {
    Path file = file(log("3.17.0"));
    assertThatIOException()
        .isThrownBy(() -> GatlingLog.read(file))
        .withMessage(
            file
                + " was written by Gatling 3.17.0, and only the format of 3.15.1 and 3.16.0 is"
                + " known here.");
  }

  @Test
  void anotherFileIsRefusedWithASentence() throws IOException {
    Path file = file("RUN\tsimulation".getBytes());
    assertThatIOException()
        .isThrownBy(() -> GatlingLog.read(file))
        .withMessage(file + " is not a simulation.log of Gatling.");
  }

  @Test
  void aLogWithoutACompleteHeaderIsRefusedWithASentence() throws IOException {
    Path file = file(Arrays.copyOf(log("3.15.1"), 20));
    assertThatIOException()
        .isThrownBy(() -> GatlingLog.read(file))
        .withMessage(file + " ends before its first record is complete.");
  }

  @Test
  void garbageBetweenRecordsIsRefusedWithASentence() throws IOException {
    byte[] whole = log("3.15.1");
    byte[] damaged = Arrays.copyOf(whole, whole.length + 1);
    damaged[whole.length] = 99;
    Path file = file(damaged);
    assertThatIOException()
        .isThrownBy(() -> GatlingLog.read(file))
        .withMessage(file + " is damaged: a record of kind 99.");
  }

  private static byte[] log(String version) throws IOException {
    return SimulationLogFile.of(version, 500, RESPONSES);
  }

  private Path file(byte[] bytes) throws IOException {
    return Files.write(dir.resolve("simulation.log"), bytes);
  }
}
