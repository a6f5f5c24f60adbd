package dev.handlermodels.api.telemetry;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.LogRecord;

/** An event of a request: it knows the request's trace, and whatever else is to be a field. */
public final class RequestRecord extends LogRecord {
  private static final long serialVersionUID = 1L;

  private final transient Map<String, Object> fields = new LinkedHashMap<>();

  public RequestRecord(Level level, String logger, String message, ServerSpan span) {
    super(level, message);
    setLoggerName(logger);
    if (span.traceId() != null) {
      fields.put("trace_id", span.traceId());
      fields.put("span_id", span.spanId());
    }
  }

  RequestRecord with(String name, Object value) {
    fields.put(name, value);
    return this;
  }

  Map<String, Object> fields() {
    return fields;
  }

  /** For lines of text: {@code trace_id=… span_id=…}, or nothing. */
  String trace() {
    return fields.containsKey("trace_id")
        ? " trace_id=" + fields.get("trace_id") + " span_id=" + fields.get("span_id")
        : "";
  }
}
