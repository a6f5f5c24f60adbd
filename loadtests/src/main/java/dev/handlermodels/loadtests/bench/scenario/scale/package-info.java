/**
 * {@code ./bench scale}: how the cost of a request grows with the number of users. Start with
 * {@link dev.handlermodels.loadtests.bench.scenario.scale.ScaleCommand}.
 */
package dev.handlermodels.loadtests.bench.scenario.scale;
