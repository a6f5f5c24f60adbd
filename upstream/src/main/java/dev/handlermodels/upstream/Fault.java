package dev.handlermodels.upstream;

import java.util.Locale;

/** What the upstream can be told to do instead of answering well. */
public enum Fault {
  /** Answers as it should. */
  NONE,
  /** Answers well, but {@code slowMs} later than asked. */
  SLOW,
  /** Takes the call and never answers, with the connection open. */
  BLACKHOLE,
  /** Answers with status 500. */
  STATUS500,
  /** Ends the connection with a TCP reset instead of an answer. */
  RESET,
  /** Closes the connection instead of answering. */
  CLOSE,
  /** Answers with bytes that are no HTTP. */
  GARBAGE,
  /** Answers with status 200 and a body that is no JSON. */
  BADJSON,
  /** Announces more body than it sends, and closes. */
  TRUNCATED,
  /** Sends half of the answer and then nothing more, with the connection open. */
  HALFOPEN,
  /** Sends the body a byte each {@code slowMs}, so that no single read waits long. */
  DRIP,
  /** Answers with a body of 1 MiB. */
  HUGE;

  /**
   * @throws IllegalArgumentException where there is no such fault
   */
  static Fault of(String name) {
    return valueOf(name.toUpperCase(Locale.ROOT));
  }
}
