package dev.handlermodels.loadtests.bench;

import java.util.List;

/** A row cannot go on. The message is a sentence for the report. */
final class RowTrouble extends Exception {
  private static final long serialVersionUID = 1;

  private final transient List<String> lastLogLines;

  RowTrouble(String sentence, List<String> lastLogLines) {
    super(sentence);
    this.lastLogLines = lastLogLines;
  }

  List<String> lastLogLines() {
    return lastLogLines;
  }
}
