package dev.handlermodels.contracttests;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What is logged in this process from here until {@link #close}, below the root logger. */
final class LogCapture extends Handler implements AutoCloseable {
  private final List<String> lines = new CopyOnWriteArrayList<>();

  LogCapture() {
    Logger.getLogger("").addHandler(this);
  }

  @Override
  public void publish(LogRecord said) {
    lines.add(
        said.getLoggerName()
            + " "
            + said.getMessage()
            + " "
            + Arrays.toString(said.getParameters())
            + " "
            + said.getThrown());
  }

  /** Logger, message, parameters and throwable of each record. */
  List<String> lines() {
    return List.copyOf(lines);
  }

  @Override
  public void flush() {}

  @Override
  public void close() {
    Logger.getLogger("").removeHandler(this);
  }
}
