package dev.handlermodels.loadtests.bench.transfer;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/** A folder as one stream of bytes. */
final class RunArchive {
  static final int MAX_FILES = 10_000;

  private static final int BUFFER_BYTES = 64 * 1024;

  private RunArchive() {}

  static void pack(Path folder, OutputStream out) throws IOException {
    try (ZipOutputStream zip = new ZipOutputStream(out);
        Stream<Path> walk = Files.walk(folder)) {
      List<Path> files = walk.filter(Files::isRegularFile).sorted().toList();
      for (Path file : files) {
        zip.putNextEntry(new ZipEntry(folder.relativize(file).toString()));
        Files.copy(file, zip);
        zip.closeEntry();
      }
    }
  }

  /**
   * @param maxBytes of all files together, as they are written
   * @throws IOException where a file would be elsewhere than in this folder, or beyond a limit
   */
  static void unpack(InputStream in, Path folder, long maxBytes) throws IOException {
    long bytes = 0;
    int files = 0;
    try (ZipInputStream zip = new ZipInputStream(in)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        Path file = folder.resolve(entry.getName()).normalize();
        if (!file.startsWith(folder) || file.equals(folder)) {
          throw new IOException(entry.getName() + " would be outside of the folder of its run");
        }
        if (++files > MAX_FILES) {
          throw tooMuch(MAX_FILES + " files");
        }
        Files.createDirectories(file.getParent());
        bytes += write(zip, file, maxBytes - bytes);
      }
    }
    if (files == 0) {
      throw new IOException("it is no archive of a run");
    }
  }

  private static long write(InputStream in, Path file, long maxBytes) throws IOException {
    long bytes = 0;
    byte[] buffer = new byte[BUFFER_BYTES];
    try (OutputStream out = Files.newOutputStream(file)) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        bytes += read;
        if (bytes > maxBytes) {
          throw tooMuch("the bytes that are allowed");
        }
        out.write(buffer, 0, read);
      }
    }
    return bytes;
  }

  private static IOException tooMuch(String what) {
    return new IOException(String.format(Locale.ROOT, "a run has at most %s", what));
  }
}
