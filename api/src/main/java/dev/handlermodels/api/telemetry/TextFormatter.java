package dev.handlermodels.api.telemetry;

import java.util.logging.LogRecord;
import java.util.logging.SimpleFormatter;

/** The layout of logging.properties, with the trace of the request behind its message. */
final class TextFormatter extends SimpleFormatter {
  @Override
  public String formatMessage(LogRecord record) {
    String message = super.formatMessage(record);
    return record instanceof RequestRecord ofRequest ? message + ofRequest.trace() : message;
  }
}
