/**
 * PostgreSQL by R2DBC on Vert.x's own event loops, with futures instead of reactive streams. Only
 * {@code DatabaseClient} uses it. Start reading at {@link AsyncPool}.
 */
package dev.handlermodels.vertx.sql;
