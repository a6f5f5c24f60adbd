package dev.handlermodels.loadtests.bench.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class ChildProcessesTest {
  @TempDir private Path dir;

  @Test
  @Timeout(30)
  void closeEndsEvenAChildThatIgnoresTheRequestToEnd() throws Exception {
    ChildProcesses children = new ChildProcesses(dir, 200);
    ChildProcess willing = start(children, "willing", "exec sleep 600");
    ChildProcess stubborn =
        start(children, "stubborn", "trap '' TERM; echo deaf; while :; do sleep 1; done");
    while (stubborn.lastLogLines().isEmpty()) {
      Thread.onSpinWait(); // until it ignores the signal
    }

    children.close();

    assertThat(willing.isAlive()).isFalse();
    assertThat(stubborn.isAlive()).isFalse();
  }

  @Test
  void afterCloseNothingIsStarted() {
    ChildProcesses children = new ChildProcesses(dir, 200);
    children.close();

    assertThatIOException()
        .isThrownBy(() -> start(children, "late", "exec sleep 600"))
        .withMessage("The bench is being stopped.");
  }

  @Test
  void noSettingOfAServerIsInherited() throws IOException {
    String help =
        Files.readString(
            Path.of("../api/src/main/java/dev/handlermodels/api/settings/Settings.java"));
    List<String> settings =
        Pattern.compile("(?m)^ {8}([A-Z][A-Z0-9_]+) +\\(")
            .matcher(help)
            .results()
            .map(setting -> setting.group(1))
            .filter(name -> !name.startsWith("OTEL_"))
            .toList();
    assertThat(settings).hasSizeGreaterThan(40);
    assertThat(ChildProcess.NOT_INHERITED).containsAll(settings);
  }

  @Test
  void theEndOfTheOutputIsKept() throws Exception {
    ChildProcesses children = new ChildProcesses(dir, 200);
    ChildProcess child = start(children, "talker", "seq 1 20; echo last >&2; exit 3");
    assertThat(child.awaitExit(10_000)).isTrue();

    assertThat(child.lastLogLines()).hasSize(8).endsWith("20", "last");
    assertThat(child.ending()).isEqualTo("ended with code 3");
    children.close();
  }

  private ChildProcess start(ChildProcesses children, String name, String script) throws Exception {
    return children.start(name, List.of("sh", "-c", script), Map.of(), dir.resolve(name + ".log"));
  }
}
