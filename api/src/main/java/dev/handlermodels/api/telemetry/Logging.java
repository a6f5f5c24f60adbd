package dev.handlermodels.api.telemetry;

import dev.handlermodels.api.settings.Settings;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.logging.Handler;
import java.util.logging.LogManager;
import java.util.logging.Logger;

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

  /** From now on in this format; what was logged before stands as it is. */
  public static void format(Settings.LogFormat format) {
    if (format == Settings.LogFormat.JSON) {
      for (Handler handler : Logger.getLogger("").getHandlers()) {
        handler.setFormatter(new JsonFormatter());
      }
    }
  }
}
