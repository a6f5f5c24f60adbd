/**
 * Compares runs: what is faster, what is slower, and what a run cannot tell. Only the command line
 * uses it. Start with {@link dev.handlermodels.loadtests.bench.compare.CompareCommand}, then {@link
 * dev.handlermodels.loadtests.bench.compare.Comparison}.
 */
package dev.handlermodels.loadtests.bench.compare;
