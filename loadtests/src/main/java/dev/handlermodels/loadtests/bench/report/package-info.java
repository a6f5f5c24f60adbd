/**
 * Writes results as text, Markdown, HTML and JSON: the table of rows, and the page of a scenario.
 * Commands use it. Start with {@link dev.handlermodels.loadtests.bench.report.ReportWriter} for the
 * table and {@link dev.handlermodels.loadtests.bench.report.ReportPage} for scenarios.
 */
package dev.handlermodels.loadtests.bench.report;
