/**
 * {@code ./bench overload}: how much a server still answers at up to five times its capacity. Start
 * with {@link dev.handlermodels.loadtests.bench.scenario.overload.OverloadCommand}.
 */
package dev.handlermodels.loadtests.bench.scenario.overload;
