package dev.handlermodels.loadtests.load;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;

/** Puts something else in the place of the file that {@code /file} reads. */
public final class DataFileSwap {
  /** A file of 300 MB (of holes), a link to /dev/zero, and a pipe that nobody writes to. */
  static final int KINDS = 3;

  private static final long LARGE_BYTES = 300_000_000;

  private DataFileSwap() {}

  /** The file as it has to be. */
  public static void restore(Path file) throws IOException {
    Files.deleteIfExists(file);
    Files.writeString(file, "{\"file\":\"as it has to be\"}");
  }

  static void swap(Path file, int kind) throws IOException {
    Files.deleteIfExists(file);
    switch (kind) {
      case 0 -> {
        try (RandomAccessFile holes = new RandomAccessFile(file.toFile(), "rw")) {
          holes.setLength(LARGE_BYTES);
        }
      }
      case 1 -> Files.createSymbolicLink(file, Path.of("/dev/zero"));
      default -> pipe(file);
    }
  }

  private static void pipe(Path file) throws IOException {
    try {
      int code = new ProcessBuilder("mkfifo", file.toString()).inheritIO().start().waitFor();
      if (code != 0) {
        throw new IOException("mkfifo ended with code " + code + ".");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}
