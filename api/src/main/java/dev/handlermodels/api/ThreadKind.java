package dev.handlermodels.api;

import com.fasterxml.jackson.annotation.JsonValue;

/** What kind of thread ran a piece of code. */
public enum ThreadKind {
  EVENT_LOOP("event-loop"),
  VIRTUAL("virtual"),
  PLATFORM("platform");

  private final String label;

  ThreadKind(String label) {
    this.label = label;
  }

  @JsonValue
  public String label() {
    return label;
  }
}
