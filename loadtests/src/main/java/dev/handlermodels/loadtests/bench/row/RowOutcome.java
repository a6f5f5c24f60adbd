package dev.handlermodels.loadtests.bench.row;

import java.util.List;

/**
 * How a row ended, as far as its other raw files do not show it: row.json.
 *
 * @param repeat 1 for the first run of the row
 * @param startupMs from the start of the server's process until it was ready; null if it never was
 * @param trouble why the row is not complete, in one sentence; null where it is
 * @param troubleAtMs when that was noticed, in epoch milliseconds: the row ends there
 * @param lastLogLines of the process that caused the trouble
 */
public record RowOutcome(
    String id,
    int repeat,
    Long startupMs,
    String trouble,
    Long troubleAtMs,
    List<String> lastLogLines) {}
