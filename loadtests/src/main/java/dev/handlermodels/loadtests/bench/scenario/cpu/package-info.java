/**
 * {@code ./bench cpu}: what a handler that computes does to requests that only wait. Start with
 * {@link dev.handlermodels.loadtests.bench.scenario.cpu.CpuCommand}.
 */
package dev.handlermodels.loadtests.bench.scenario.cpu;
