/**
 * Everything about HTTP that an endpoint does not have to know: admission, refusals, bodies,
 * answers, streams. The server's root package uses it, and it uses only {@code wire} and {@code
 * api}. Start reading at {@link Dispatcher}, which every request passes, then {@link Exchange}.
 */
package dev.handlermodels.nima.http;
