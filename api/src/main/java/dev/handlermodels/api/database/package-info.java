/**
 * What stands between a handler and the database: the line of callers before the pool, its metrics,
 * and what became of a call. It knows no driver. Start reading at {@link ConnectionGate}.
 */
package dev.handlermodels.api.database;
