/**
 * Virtual threads: Helidon 4 WebServer (Níma). A handler waits where it stands; waiting costs no
 * platform thread.
 */
package dev.handlermodels.nima;
