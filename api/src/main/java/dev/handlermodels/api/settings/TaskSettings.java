package dev.handlermodels.api.settings;

/**
 * Where tasks are kept, and their bounds: the environment's TASK_ variables.
 *
 * @param store in memory, or in the database
 * @param workers threads that work off tasks
 * @param queueSize tasks that wait for a free worker
 * @param queueBytes bodies of all unfinished tasks together
 * @param resultsKept finished tasks that can still be asked for
 * @param resultTtlMs how long they can be asked for
 * @param takeoverMs after which another instance does the tasks of one that has died
 */
public record TaskSettings(
    Store store,
    int workers,
    int queueSize,
    int queueBytes,
    int resultsKept,
    int resultTtlMs,
    int takeoverMs) {
  /** For requests about tasks, beside one for each worker. */
  private static final int FOR_REQUESTS = 4;

  /** Connections to the database for tasks alone. */
  public int databaseConnections() {
    return store == Store.POSTGRES ? workers + FOR_REQUESTS : 0;
  }

  /** Where tasks are kept. */
  public enum Store {
    MEMORY,
    POSTGRES
  }
}
