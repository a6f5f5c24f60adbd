/**
 * {@code ./bench telemetry}: what tracing costs and how many spans are lost. Start with {@link
 * dev.handlermodels.loadtests.bench.scenario.telemetry.TelemetryCommand}.
 */
package dev.handlermodels.loadtests.bench.scenario.telemetry;
