/**
 * {@code ./bench jobs}: four CPU jobs in turn, in threads and in processes. Start with {@link
 * dev.handlermodels.loadtests.bench.scenario.jobs.JobsCommand}.
 */
package dev.handlermodels.loadtests.bench.scenario.jobs;
