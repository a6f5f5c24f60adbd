/**
 * A fixed pool of platform threads: Undertow. A handler waits where it stands, and one of the
 * pool's threads with it.
 */
package dev.handlermodels.blocking;
