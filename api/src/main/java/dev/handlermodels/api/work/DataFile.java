package dev.handlermodels.api.work;

import dev.handlermodels.api.Resources;
import dev.handlermodels.api.settings.Settings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The file behind {@code /file}: a real file on a disk, because reading a resource of a jar is no
 * file I/O.
 */
public record DataFile(Path path, boolean temporary) implements AutoCloseable {
  private static final String PREFIX = "handler-models-";
  private static final String SUFFIX = ".json";
  private static final Pattern NAME = Pattern.compile(PREFIX + "(\\d{1,18})-\\d+\\" + SUFFIX);

  /**
   * @throws Settings.SettingsException where no file is configured and none can be written
   */
  public static DataFile open(Optional<Path> configured) {
    return configured
        .map(path -> new DataFile(path, false))
        .orElseGet(() -> copyOfSample(Path.of(System.getProperty("java.io.tmpdir"))));
  }

  static DataFile copyOfSample(Path folder) {
    try {
      deleteLeftBehind(folder);
      Path copy =
          Files.createTempFile(folder, PREFIX + ProcessHandle.current().pid() + "-", SUFFIX);
      Files.write(copy, Resources.bytes("/data.json"));
      return new DataFile(copy, true);
    } catch (IOException e) {
      throw new Settings.SettingsException(
          "no file for /file can be written in "
              + folder
              + ", the folder for temporary files; set DATA_FILE to a JSON file");
    }
  }

  /** A process that was killed could not delete its file: the next one does. */
  private static void deleteLeftBehind(Path folder) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, PREFIX + "*" + SUFFIX)) {
      for (Path file : files) {
        Matcher name = NAME.matcher(file.getFileName().toString());
        if (name.matches() && ProcessHandle.of(Long.parseLong(name.group(1))).isEmpty()) {
          deleteIfPossible(file);
        }
      }
    }
  }

  private static void deleteIfPossible(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException _) {
      // It is somebody else's.
    }
  }

  @Override
  public void close() {
    if (temporary) {
      try {
        Files.deleteIfExists(path);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
