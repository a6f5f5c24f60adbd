/**
 * The server with virtual threads, on Helidon 4 WebServer (Níma). A handler waits where it stands,
 * and waiting costs no platform thread. Start reading at {@link Handlers}, then {@link
 * UpstreamClient}.
 */
package dev.handlermodels.nima;
