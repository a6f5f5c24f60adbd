/**
 * The command line of {@code ./bench}: it reads the options, runs the table or a scenario, and
 * prints the report. Nobody uses this package. Start with {@code BenchCommand}; {@link
 * dev.handlermodels.loadtests.bench.Scenarios} lists the scenarios.
 */
package dev.handlermodels.loadtests.bench;
