/**
 * Virtual threads: Helidon 4 WebServer (Níma). A handler waits where it stands, and waiting costs
 * no platform thread. This package is the lesson; {@code http} and {@code wire} are the machinery
 * below it. Start reading at {@link Handlers}.
 */
package dev.handlermodels.nima;
