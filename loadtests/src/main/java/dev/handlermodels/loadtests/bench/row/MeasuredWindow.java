package dev.handlermodels.loadtests.bench.row;

import dev.handlermodels.loadtests.Warmup;

/**
 * When measuring began, and the warm-up that ended then: window.json.
 *
 * @param fromMs epoch milliseconds
 * @param warmup what the load looked like until then
 */
public record MeasuredWindow(long fromMs, Warmup warmup) {}
