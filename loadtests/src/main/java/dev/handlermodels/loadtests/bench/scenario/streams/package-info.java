/**
 * {@code ./bench streams}: thousands of event streams at once and what each costs. Start with
 * {@link dev.handlermodels.loadtests.bench.scenario.streams.StreamsCommand}.
 */
package dev.handlermodels.loadtests.bench.scenario.streams;
