/**
 * Measures running processes from outside: CPU, memory, threads, live heap and health. It judges
 * nothing; rows and scenarios use it. Start with {@link
 * dev.handlermodels.loadtests.bench.sampling.Sample}.
 */
package dev.handlermodels.loadtests.bench.sampling;
