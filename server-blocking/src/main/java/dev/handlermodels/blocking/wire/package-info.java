/**
 * Watches the bytes of a connection below Undertow's own parsers: slow clients, chunks, refusals of
 * the parser, frames of HTTP/2. {@code Server} opens connections here, and {@code http} tells them
 * when requests and answers begin and end. Start reading at {@link Connection}.
 */
package dev.handlermodels.blocking.wire;
