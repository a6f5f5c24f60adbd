/**
 * Arithmetic on measured figures: rounding, medians, spreads and trends. It knows nothing of
 * servers, so everybody may use it. Start with {@link
 * dev.handlermodels.loadtests.bench.stats.Numbers}.
 */
package dev.handlermodels.loadtests.bench.stats;
