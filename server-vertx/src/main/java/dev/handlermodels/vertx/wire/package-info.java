/**
 * Watches the bytes of each connection below Vert.x's own parsers: heads of HTTP/1.1 and frames of
 * HTTP/2. It rests on internals of the pinned Vert.x. {@code Server} installs it, and {@code http}
 * asks it about the connection of a request. {@link BlockedLoops} watches the loops themselves.
 * Start reading at {@link StrictHeadDecoder}.
 */
package dev.handlermodels.vertx.wire;
