package dev.handlermodels.api;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** Files inside this jar. */
public final class Resources {
  private Resources() {}

  public static byte[] bytes(String path) {
    try (InputStream in = Resources.class.getResourceAsStream(path)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
