/**
 * The server with a fixed pool of platform threads, on Undertow. A handler waits on the pool thread
 * that runs it, and that thread serves nobody else meanwhile. Start reading at {@link Handlers},
 * then {@link UpstreamClient}, where the code waits.
 */
package dev.handlermodels.blocking;
