package dev.handlermodels.loadtests.bench.evidence;

/**
 * One judgement about a row.
 *
 * @param fires whether it speaks against the row
 * @param sentence why or why not, in plain words, with the figures that led to it
 */
public record Verdict(boolean fires, String sentence) {}
