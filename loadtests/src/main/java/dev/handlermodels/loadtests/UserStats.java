package dev.handlermodels.loadtests;

/**
 * The statistics of a simulation's users: written once a second and, with {@code finished}, at the
 * end. Counts are of the whole run, ramp and warm-up included.
 *
 * @param startedAtMs when the first user arrived, in epoch milliseconds; 0 before that
 * @param atMs when this was written
 * @param finished whether the run has ended
 * @param ok requests answered with status 200
 * @param failed requests that ended otherwise
 * @param users users that arrived
 * @param served users that had at least one answer with status 200
 * @param unfinished requests sent and not yet ended
 * @param oldestUnfinishedMs age of the oldest of those
 */
public record UserStats(
    long startedAtMs,
    long atMs,
    boolean finished,
    long ok,
    long failed,
    int users,
    int served,
    int unfinished,
    long oldestUnfinishedMs) {}
