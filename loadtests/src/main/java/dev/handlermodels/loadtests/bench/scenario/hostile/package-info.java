/**
 * {@code ./bench hostile}: what clients that hold connections do to the others. Start with {@link
 * dev.handlermodels.loadtests.bench.scenario.hostile.HostileCommand}.
 */
package dev.handlermodels.loadtests.bench.scenario.hostile;
