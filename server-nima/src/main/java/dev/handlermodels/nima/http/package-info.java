/**
 * HTTP on Helidon: takes requests in, refuses the bad ones, reads bodies, writes answers and
 * streams. Only the package above uses it; it uses {@code wire} and {@code api}. Start reading at
 * {@link Dispatcher}, which runs a handler, and {@link Exchange}, which a handler talks to.
 */
package dev.handlermodels.nima.http;
