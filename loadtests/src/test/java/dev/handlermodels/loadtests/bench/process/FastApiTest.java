package dev.handlermodels.loadtests.bench.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.handlermodels.loadtests.bench.row.Row;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FastApiTest {
  @Test
  void theFirstInterpreterThatHasThePackagesIsTaken(@TempDir Path dir) throws IOException {
    String lacksThem = script(dir, "lacks", "exit 1");
    String hasThem = script(dir, "has", "echo Python 3.11.2, FastAPI 0.92.0");

    FastApi found = FastApi.find(List.of("/no/such/python3", lacksThem, hasThem));

    assertThat(found.python()).isEqualTo(hasThem);
    assertThat(found.sentence())
        .isEqualTo("FastAPI ran with one uvicorn worker on Python 3.11.2, FastAPI 0.92.0.");
  }

  @Test
  void whereNoneHasThemASentenceSaysWhatToInstall() {
    FastApi found = FastApi.find(List.of("/no/such/python3"));

    assertThat(found.isPresent()).isFalse();
    assertThat(found.sentence()).contains("python3-fastapi python3-uvicorn python3-httpx");
  }

  @Test
  void itsRowsAreNotAmongOurs() {
    assertThat(Row.ours()).hasSize(8).noneMatch(Row::isFastApi);
    assertThat(Row.of("fastapi-async-http-sync").endpoint).isEqualTo("/async/http/sync");
  }

  private static String script(Path dir, String name, String line) throws IOException {
    Path file = Files.writeString(dir.resolve(name), "#!/bin/sh\n" + line + "\n");
    assertThat(file.toFile().setExecutable(true)).isTrue();
    return file.toString();
  }
}
