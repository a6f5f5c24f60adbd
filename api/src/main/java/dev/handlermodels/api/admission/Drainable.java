package dev.handlermodels.api.admission;

/**
 * Accepted work that the end of the process waits for: the requests in flight, and whatever goes on
 * after its request was answered. Named to {@code Service#drains}.
 */
public interface Drainable {
  /** What is counted, in the plural: {@code requests}. */
  String what();

  /**
   * How much of it is accepted and not finished; nothing is added once this is 0 while draining.
   */
  int unfinished();

  /** What was accepted and is not finished when time is up. */
  record Left(String what, int count) {}
}
