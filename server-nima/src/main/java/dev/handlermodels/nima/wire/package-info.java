/**
 * Watches the bytes of each connection below Helidon: heads, bodies, answers, the streams of
 * HTTP/2. {@code Server} installs it and {@code http} asks it about streams; it knows neither of
 * them. Start reading at {@link Connections}, which builds a connection, and {@link Connection}.
 */
package dev.handlermodels.nima.wire;
