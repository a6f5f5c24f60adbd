package dev.handlermodels.api;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** What has become of a task. */
public enum TaskState {
  QUEUED,
  RUNNING,
  DONE,
  FAILED,
  /** Accepted, and not finished before the server had to end. */
  ABANDONED;

  public boolean isFinal() {
    return this != QUEUED && this != RUNNING;
  }

  @JsonValue
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
