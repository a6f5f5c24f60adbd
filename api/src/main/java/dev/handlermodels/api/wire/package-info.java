/**
 * Judges and watches the bytes of a connection: heads, chunks, frames of HTTP/2, peers that are too
 * slow or gone. It knows no framework, so that the three servers refuse alike. Start reading at
 * {@link RequestHead} and {@link ConnectionReaper}.
 */
package dev.handlermodels.api.wire;
