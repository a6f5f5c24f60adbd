package dev.handlermodels.loadtests.bench.config;

/** How a server runs its handlers. */
public enum HandlerModel {
  /** A few threads run all handlers; a handler must not block. */
  EVENT_LOOP("event loop"),

  /** Each request has a virtual thread of its own, which may block. */
  VIRTUAL_THREADS("virtual threads"),

  /** Each request occupies one of a fixed number of platform threads. */
  THREAD_POOL("fixed pool"),

  /** A server of somebody else, of which the bench knows no more than its answers. */
  UNKNOWN("other");

  /** As texts name it. */
  public final String label;

  HandlerModel(String label) {
    this.label = label;
  }
}
