/**
 * {@code ./bench hostile}: what hostile clients do to a server and to its good clients. Start with
 * {@link dev.handlermodels.loadtests.bench.scenario.hostile.HostileCommand}; the attacks themselves
 * are the list {@link dev.handlermodels.loadtests.load.Attack}.
 */
package dev.handlermodels.loadtests.bench.scenario.hostile;
