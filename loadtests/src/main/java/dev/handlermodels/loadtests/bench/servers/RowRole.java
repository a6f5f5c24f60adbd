package dev.handlermodels.loadtests.bench.servers;

/** What a row shows, where a report puts rows of one kind beside each other. */
public enum RowRole {
  /** The right way to wait on this server. */
  RIGHT_WAY("the right way"),

  /** A blocking call on an event loop. */
  BLOCKED_LOOP("a blocked loop"),

  /** The same call, handed to other threads. */
  OFFLOADED_CALL("an offloaded call"),

  /** The same call on a thread that may block. */
  HARMLESS_CALL("a harmless call");

  /** As a description names it. */
  public final String label;

  RowRole(String label) {
    this.label = label;
  }
}
