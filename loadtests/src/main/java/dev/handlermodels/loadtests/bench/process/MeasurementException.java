package dev.handlermodels.loadtests.bench.process;

import java.util.List;

/** A measurement cannot go on. The message is a sentence for the report. */
public final class MeasurementException extends Exception {
  private static final long serialVersionUID = 1;

  private final transient List<String> lastLogLines;

  public MeasurementException(String sentence, List<String> lastLogLines) {
    super(sentence);
    this.lastLogLines = lastLogLines;
  }

  public List<String> lastLogLines() {
    return lastLogLines;
  }
}
