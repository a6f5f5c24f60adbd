package dev.handlermodels.loadtests.bench.servers;

/**
 * Figures of the same load that somebody else published. They were not measured here.
 *
 * @param by whose figures
 * @param name of their row
 * @param waitMs of their upstream
 * @param ceilingPerSecond computed here
 * @param why how a row under the same load differs from them, in words
 */
public record PublishedFigures(
    String by,
    String name,
    int users,
    int waitMs,
    int runtimeSeconds,
    int requests,
    int failures,
    double requestsPerSecond,
    double failuresPerSecond,
    int medianMs,
    int threads,
    int averageThreads,
    int ceilingPerSecond,
    String why) {}
