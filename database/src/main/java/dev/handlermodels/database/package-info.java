/**
 * PostgreSQL: where it is, an embedded one where none is named, its schema, and the one blocking
 * way to ask it. The servers use it; so do tasks that shall survive. Start reading at {@link
 * DatabaseCalls}, then {@link JdbcPool}, where a thread waits.
 */
package dev.handlermodels.database;
