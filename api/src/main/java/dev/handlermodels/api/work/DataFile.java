package dev.handlermodels.api.work;

import dev.handlermodels.api.Resources;
import dev.handlermodels.api.settings.Settings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The file behind {@code /file}: a real file on a disk, because reading a resource of a jar is no
 * file I/O.
 */
public record DataFile(Path path, boolean temporary) implements AutoCloseable {
  static final int MAX_BYTES = Settings.MAX_DATA_FILE_BYTES;

  private static final int READ_MS = 5000;
  private static final int PIECE_BYTES = 64 * 1024;
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

  /**
   * The content of the file. What was a file at the start may be something else by now: a device
   * without end, a pipe that nobody writes to. So it is looked at before it is opened, and no more
   * of it is read than may be held.
   *
   * @throws IOException where it is no regular file, too large, or takes too long
   */
  public byte[] read() throws IOException {
    return read(READ_MS);
  }

  byte[] read(int timeoutMs) throws IOException {
    BasicFileAttributes is = Files.readAttributes(path, BasicFileAttributes.class);
    if (!is.isRegularFile() || is.size() > MAX_BYTES) {
      throw new IOException(path + " is no regular file of at most " + MAX_BYTES + " bytes");
    }
    long deadlineNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
    ByteArrayOutputStream content = new ByteArrayOutputStream((int) is.size());
    try (InputStream in = Files.newInputStream(path)) {
      byte[] piece = in.readNBytes(PIECE_BYTES);
      while (piece.length > 0) {
        content.writeBytes(piece);
        if (content.size() > MAX_BYTES) {
          throw new IOException(path + " has grown beyond " + MAX_BYTES + " bytes");
        }
        if (System.nanoTime() - deadlineNanos > 0) {
          throw new IOException(path + " was not read within " + timeoutMs + " ms");
        }
        piece = in.readNBytes(PIECE_BYTES);
      }
    }
    return content.toByteArray();
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
