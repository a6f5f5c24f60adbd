/**
 * {@code ./bench throughput}: {@code GET /} beside the bare framework. Start with {@link
 * dev.handlermodels.loadtests.bench.scenario.throughput.ThroughputCommand}.
 */
package dev.handlermodels.loadtests.bench.scenario.throughput;
