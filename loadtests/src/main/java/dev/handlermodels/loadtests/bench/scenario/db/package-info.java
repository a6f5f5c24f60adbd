/**
 * {@code ./bench db}: what limits a handler that waits for a pooled database connection. Start with
 * {@link dev.handlermodels.loadtests.bench.scenario.db.DbCommand}.
 */
package dev.handlermodels.loadtests.bench.scenario.db;
