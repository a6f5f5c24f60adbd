/**
 * What server-vertx does with HTTP around a handler: admit a request, read its body, write or
 * refuse its answer. Start reading at {@code Exchange}.
 */
package dev.handlermodels.vertx.http;
