/**
 * The event loop: Vert.x. A handler never waits; it says what shall happen when the answer is
 * there.
 */
package dev.handlermodels.vertx;
