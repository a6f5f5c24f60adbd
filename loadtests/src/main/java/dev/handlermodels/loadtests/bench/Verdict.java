package dev.handlermodels.loadtests.bench;

/**
 * One judgement about a row.
 *
 * @param fires whether it speaks against the row
 * @param sentence why or why not, in plain words, with the figures that led to it
 */
record Verdict(boolean fires, String sentence) {}
