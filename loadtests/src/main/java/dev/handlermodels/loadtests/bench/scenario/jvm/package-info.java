/**
 * {@code ./bench jvm}: whether the ranking of the models changes with another collector, another
 * heap or fewer processors. Start with {@link
 * dev.handlermodels.loadtests.bench.scenario.jvm.Variant}.
 */
package dev.handlermodels.loadtests.bench.scenario.jvm;
