/**
 * The server with an event loop, on Vert.x. A handler never waits: it says what to do when the
 * answer comes. Start reading at {@link Handlers}, then {@link UpstreamClient}.
 */
package dev.handlermodels.vertx;
