/**
 * The server with a fixed pool of platform threads, on Undertow. A handler waits where it stands,
 * and one of the pool's threads with it. Start reading at {@link Handlers}, then {@link
 * UpstreamClient}.
 */
package dev.handlermodels.blocking;
