/**
 * What watches the bytes of server-vertx's connections: heads of HTTP/1.1 ({@code
 * StrictHeadDecoder}) and frames of HTTP/2 ({@code Http2}). It rests on internals of the pinned
 * Vert.x. {@code Server} puts it to work, and {@code Exchange} asks it about the connection of a
 * request.
 */
package dev.handlermodels.vertx.wire;
