/**
 * Turns the raw data of rows into results: the ceiling, the verdicts, the explanation, and whether
 * the servers had equal settings. Reports and scenarios use it. Start with {@link
 * dev.handlermodels.loadtests.bench.evidence.RowAnalysis}.
 */
package dev.handlermodels.loadtests.bench.evidence;
