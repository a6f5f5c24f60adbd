package dev.handlermodels.api;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.logging.LogManager;

/**
 * One line a record, on standard output, for our code and all three frameworks: they all end in
 * java.util.logging.
 */
public final class Logging {
  private Logging() {}

  /** To be called before anything logs. */
  public static void configure() {
    try (InputStream in = Logging.class.getResourceAsStream("/logging.properties")) {
      LogManager.getLogManager().readConfiguration(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
