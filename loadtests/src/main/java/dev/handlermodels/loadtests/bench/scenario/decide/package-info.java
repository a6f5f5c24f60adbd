/**
 * {@code ./bench decide}: which model serves the user's own kind of work best. Start with {@link
 * dev.handlermodels.loadtests.bench.scenario.decide.DecideCommand}.
 */
package dev.handlermodels.loadtests.bench.scenario.decide;
