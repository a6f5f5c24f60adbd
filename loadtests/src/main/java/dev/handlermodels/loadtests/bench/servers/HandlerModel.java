package dev.handlermodels.loadtests.bench.servers;

import java.util.Arrays;

/** How a server runs its handlers. */
public enum HandlerModel {
  /** A few threads run all handlers; a handler must not block. */
  EVENT_LOOP("event loop"),

  /** Each request has a virtual thread of its own, which may block. */
  VIRTUAL_THREADS("virtual threads"),

  /** Each request occupies one of a fixed number of platform threads. */
  THREAD_POOL("fixed pool"),

  /** Any other, which a description names in its own words. */
  UNKNOWN("other");

  /** As texts name it. */
  public final String label;

  HandlerModel(String label) {
    this.label = label;
  }

  /** {@link #UNKNOWN} for words that name none of the others. */
  static HandlerModel of(String label) {
    return Arrays.stream(values())
        .filter(model -> model.label.equals(label))
        .findFirst()
        .orElse(UNKNOWN);
  }
}
