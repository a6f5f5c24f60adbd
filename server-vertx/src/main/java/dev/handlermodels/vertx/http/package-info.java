/**
 * What server-vertx does with HTTP around a handler: it admits a request, reads its body, writes or
 * refuses its answer. Handlers and {@code Server} use it. Start reading at {@link
 * dev.handlermodels.vertx.http.Dispatcher}.
 */
package dev.handlermodels.vertx.http;
