package dev.handlermodels.api.telemetry;

/** A failure that traces show by a name of its own instead of its class. */
public interface NamedFailure {
  /** The value of the attribute error.type: lower case, one of a few. */
  String errorType();
}
