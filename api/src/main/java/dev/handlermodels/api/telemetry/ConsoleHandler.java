package dev.handlermodels.api.telemetry;

import java.util.logging.LogRecord;
import java.util.logging.StreamHandler;

/**
 * java.util.logging's console writes to standard error; containers expect logs on standard output,
 * flushed at each line.
 */
public final class ConsoleHandler extends StreamHandler {
  public ConsoleHandler() {
    super(System.out, new TextFormatter());
  }

  @Override
  public synchronized void publish(LogRecord record) {
    super.publish(record);
    flush();
  }
}
