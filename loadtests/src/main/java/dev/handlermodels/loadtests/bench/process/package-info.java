/**
 * Starts, watches and stops the processes of a run: upstream, servers and load generators.
 * Everything that measures uses it. Start with {@link
 * dev.handlermodels.loadtests.bench.process.BenchRun}, then {@link
 * dev.handlermodels.loadtests.bench.process.TestBed}.
 */
package dev.handlermodels.loadtests.bench.process;
