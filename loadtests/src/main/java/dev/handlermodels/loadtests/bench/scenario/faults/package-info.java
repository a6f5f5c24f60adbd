/**
 * {@code ./bench faults}: what clients get while the upstream fails in different ways. Start with
 * {@link dev.handlermodels.loadtests.bench.scenario.faults.FaultsCommand}.
 */
package dev.handlermodels.loadtests.bench.scenario.faults;
