package dev.handlermodels.loadtests.bench.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.loadtests.bench.servers.Program;
import dev.handlermodels.loadtests.bench.servers.Servers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FoundProgramTest {
  @Test
  void theFirstInterpreterThatHasThePackagesIsTaken(@TempDir Path dir) throws IOException {
    String lacksThem = script(dir, "lacks", "exit 1");
    String hasThem = script(dir, "has", "echo Python 3.11.2, FastAPI 0.92.0");

    FoundProgram found = FoundProgram.find(fastApi("/no/such/python3", lacksThem, hasThem));

    assertThat(found.path()).isEqualTo(hasThem);
    assertThat(found.sentence())
        .isEqualTo("FastAPI ran with one uvicorn worker on Python 3.11.2, FastAPI 0.92.0.");
  }

  @Test
  void whereNoneHasThemASentenceSaysWhatToInstall() {
    FoundProgram found = FoundProgram.find(fastApi("/no/such/python3"));

    assertThat(found.isPresent()).isFalse();
    assertThat(found.sentence()).contains("python3-fastapi python3-uvicorn python3-httpx");
  }

  @Test
  void itsPathBeginsTheCommand() {
    assertThat(Servers.get("fastapi").withProgram("/opt/python3").command())
        .startsWith("/opt/python3", "-m", "uvicorn");
  }

  private static Program fastApi(String... candidates) {
    Program program = Servers.get("fastapi").program();
    return new Program(List.of(candidates), program.check(), program.found(), program.missing());
  }

  private static String script(Path dir, String name, String line) throws IOException {
    Path file = Files.writeString(dir.resolve(name), "#!/bin/sh\n" + line + "\n");
    assertThat(file.toFile().setExecutable(true)).isTrue();
    return file.toString();
  }
}
