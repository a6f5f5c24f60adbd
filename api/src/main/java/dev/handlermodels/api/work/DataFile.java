package dev.handlermodels.api.work;

import dev.handlermodels.api.Resources;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The file behind {@code /file}: a real file on a disk, because reading a resource of a jar is no
 * file I/O.
 */
public record DataFile(Path path, boolean temporary) implements AutoCloseable {

  public static DataFile open(Optional<Path> configured) {
    return configured.map(path -> new DataFile(path, false)).orElseGet(DataFile::copyOfSample);
  }

  private static DataFile copyOfSample() {
    try {
      Path copy = Files.createTempFile("handler-models-", ".json");
      Files.write(copy, Resources.bytes("/data.json"));
      return new DataFile(copy, true);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "no file for /file can be written; set DATA_FILE to a JSON file", e);
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
