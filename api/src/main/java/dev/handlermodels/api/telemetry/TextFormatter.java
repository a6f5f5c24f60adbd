package dev.handlermodels.api.telemetry;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.logging.Formatter;
import java.util.logging.LogRecord;

/**
 * One line a record, with the trace of the request behind its message. The JDK's SimpleFormatter
 * would write the time with the digits of the machine's locale.
 */
final class TextFormatter extends Formatter {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSxx", Locale.ROOT);

  @Override
  public String format(LogRecord record) {
    String line =
        String.format(
            Locale.ROOT,
            "%s %-7s %s - %s%n",
            TIME.format(record.getInstant().atZone(ZoneId.systemDefault())),
            record.getLevel().getName(),
            source(record),
            formatMessage(record));
    return record.getThrown() == null ? line : line + stackTrace(record.getThrown());
  }

  private static String source(LogRecord record) {
    return record.getLoggerName() == null ? "-" : record.getLoggerName();
  }

  private static String stackTrace(Throwable thrown) {
    StringWriter text = new StringWriter();
    thrown.printStackTrace(new PrintWriter(text));
    return text.toString();
  }

  @Override
  public String formatMessage(LogRecord record) {
    String message = super.formatMessage(record);
    return record instanceof RequestRecord ofRequest ? message + ofRequest.trace() : message;
  }
}
