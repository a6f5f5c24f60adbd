/**
 * {@code ./bench soak}: whether a server leaks memory, descriptors or threads under a long load.
 * Start with {@link dev.handlermodels.loadtests.bench.scenario.soak.SoakCommand}.
 */
package dev.handlermodels.loadtests.bench.scenario.soak;
