package dev.handlermodels.api.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.handlermodels.api.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class DataFileTest {
  /** Linux has no process of a higher number. */
  private static final long NO_PROCESS = 4_194_305;

  @TempDir private Path folder;

  @Test
  void the_sample_is_a_file_of_its_own_and_goes_with_the_server() {
    try (DataFile first = DataFile.copyOfSample(folder)) {
      DataFile second = DataFile.copyOfSample(folder);
      assertThat(first.path()).isNotEqualTo(second.path()).isNotEmptyFile();
      second.close();
      assertThat(second.path()).doesNotExist();
      assertThat(first.path()).exists();
    }
  }

  @Test
  void what_a_killed_server_left_behind_is_deleted_at_the_next_start() throws IOException {
    Path left = Files.createFile(folder.resolve("handler-models-" + NO_PROCESS + "-42.json"));
    Path others = Files.createFile(folder.resolve("handler-models-notes.json"));
    try (DataFile running = DataFile.copyOfSample(folder);
        DataFile _ = DataFile.copyOfSample(folder)) {
      assertThat(left).doesNotExist();
      assertThat(others).exists();
      assertThat(running.path()).as("of a process that runs").exists();
    }
  }

  @Test
  void without_a_folder_for_temporary_files_one_sentence_says_what_to_set() {
    Path none = folder.resolve("none");
    assertThatThrownBy(() -> DataFile.copyOfSample(none))
        .isInstanceOf(Settings.SettingsException.class)
        .hasMessageContaining(none.toString())
        .hasMessageContaining("set DATA_FILE");
  }

  @Test
  void what_is_no_longer_a_file_of_its_size_is_not_read() throws Exception {
    Path path = Files.writeString(folder.resolve("data.json"), "{}");
    DataFile file = new DataFile(path, false);
    assertThat(file.read()).asString().isEqualTo("{}");
    Files.write(path, new byte[DataFile.MAX_BYTES]);
    assertThat(file.read()).hasSize(DataFile.MAX_BYTES);
    Files.write(path, new byte[DataFile.MAX_BYTES + 1]);
    assertThatThrownBy(file::read).isInstanceOf(IOException.class).hasMessageContaining("at most");
    Files.delete(path);
    Files.createSymbolicLink(path, Path.of("/dev/zero"));
    assertThatThrownBy(file::read).isInstanceOf(IOException.class).hasMessageContaining("regular");
    Files.delete(path);
    assertThat(new ProcessBuilder("mkfifo", path.toString()).start().waitFor()).isZero();
    assertThatThrownBy(file::read).isInstanceOf(IOException.class).hasMessageContaining("regular");
  }

  @Test
  void a_file_that_takes_too_long_is_not_read_to_its_end() throws IOException {
    Path path = Files.write(folder.resolve("data.json"), new byte[DataFile.MAX_BYTES]);
    DataFile file = new DataFile(path, false);
    assertThatThrownBy(() -> file.read(-1)).isInstanceOf(IOException.class);
  }
}
