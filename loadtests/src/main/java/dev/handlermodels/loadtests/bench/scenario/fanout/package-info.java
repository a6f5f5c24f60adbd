/**
 * {@code ./bench fanout}: a thousand upstream calls for one request. Start with {@link
 * dev.handlermodels.loadtests.bench.scenario.fanout.FanoutCommand}.
 */
package dev.handlermodels.loadtests.bench.scenario.fanout;
