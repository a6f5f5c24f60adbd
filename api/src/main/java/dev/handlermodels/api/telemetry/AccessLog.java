package dev.handlermodels.api.telemetry;

import dev.handlermodels.api.Endpoint;
import java.util.Locale;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * A line for each request, where ACCESS_LOG asks for it. Written on the thread that ends the
 * request, an event loop among them: it costs what a write to standard output costs.
 *
 * <p>The query is left out, as people put secrets there. Method and path are the client's text, so
 * they are cut and bare of everything that could end a line or colour a terminal.
 */
public final class AccessLog {
  static final int SHOWN_CHARS = 200;
  private static final double NANOS_PER_MS = 1e6;

  /** Held, as the logging framework forgets a logger that nobody holds. */
  private static final Logger LOG = Logger.getLogger("access");

  private AccessLog() {}

  public static void ended(
      String method,
      String rawPath,
      Endpoint endpoint,
      int status,
      long tookNanos,
      ServerSpan span) {
    String safeMethod = safe(method);
    String safePath = safe(rawPath);
    double ms = Math.round(tookNanos / NANOS_PER_MS * 1000) / 1000.0;
    String text = String.format(Locale.ROOT, "%s %s %d %.3f ms", safeMethod, safePath, status, ms);
    RequestRecord record =
        new RequestRecord(Level.INFO, LOG.getName(), text, span)
            .with("method", safeMethod)
            .with("path", safePath)
            .with("status", status)
            .with("duration_ms", ms);
    if (endpoint != null) {
      record.with("route", endpoint.path());
    }
    LOG.log(record);
  }

  /** Printable ASCII, anything else as its code. */
  static String safe(String text) {
    if (text == null) {
      return "-";
    }
    StringBuilder safe = new StringBuilder();
    for (int i = 0; i < Math.min(text.length(), SHOWN_CHARS); i++) {
      char c = text.charAt(i);
      if (c > ' ' && c < 0x7f && c != '\\') {
        safe.append(c);
      } else {
        safe.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
      }
    }
    return text.length() > SHOWN_CHARS ? safe + "..." : safe.toString();
  }
}
