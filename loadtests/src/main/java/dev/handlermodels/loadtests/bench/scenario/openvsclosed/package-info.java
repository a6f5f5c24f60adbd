/**
 * {@code ./bench open-vs-closed}: the same rows under a closed and an open load. Start with {@link
 * dev.handlermodels.loadtests.bench.scenario.openvsclosed.OpenVsClosedCommand}.
 */
package dev.handlermodels.loadtests.bench.scenario.openvsclosed;
