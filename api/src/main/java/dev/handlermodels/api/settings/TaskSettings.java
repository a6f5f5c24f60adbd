package dev.handlermodels.api.settings;

/**
 * The bounds of the {@code TaskQueue}, the environment's TASK_ variables.
 *
 * @param workers threads that work off tasks
 * @param queueSize tasks that wait for a free worker
 * @param queueBytes bodies of all unfinished tasks together
 * @param resultsKept finished tasks that can still be asked for
 * @param resultTtlMs how long they can be asked for
 */
public record TaskSettings(
    int workers, int queueSize, int queueBytes, int resultsKept, int resultTtlMs) {}
