package dev.handlermodels.api.telemetry;

import dev.handlermodels.api.Json;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.logging.Formatter;
import java.util.logging.LogRecord;

/**
 * One JSON document a line. Line breaks inside a message or a stack trace are escaped, so that a
 * line is an event, whatever a client has sent.
 */
final class JsonFormatter extends Formatter {
  @Override
  public String format(LogRecord record) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("timestamp", record.getInstant().toString());
    line.put("level", record.getLevel().getName());
    line.put("logger", record.getLoggerName());
    line.put("thread", threadName());
    line.put("message", formatMessage(record));
    if (record instanceof RequestRecord ofRequest) {
      line.putAll(ofRequest.fields());
    }
    if (record.getThrown() != null) {
      line.put("exception", stackTrace(record.getThrown()));
    }
    return new String(Json.bytes(line), StandardCharsets.UTF_8) + "\n";
  }

  /** Of the caller: our handler formats on the thread that logs. */
  private static String threadName() {
    Thread thread = Thread.currentThread();
    return thread.getName().isEmpty() ? "virtual-" + thread.threadId() : thread.getName();
  }

  private static String stackTrace(Throwable thrown) {
    StringWriter text = new StringWriter();
    thrown.printStackTrace(new PrintWriter(text));
    return text.toString();
  }
}
