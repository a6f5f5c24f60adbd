/**
 * {@code ./bench capacity}: the highest rate of arrivals at which a server keeps a promise, and the
 * instances that follow from it. Start with {@link
 * dev.handlermodels.loadtests.bench.scenario.capacity.CapacitySearch}.
 */
package dev.handlermodels.loadtests.bench.scenario.capacity;
