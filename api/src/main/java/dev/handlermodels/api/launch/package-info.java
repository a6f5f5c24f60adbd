/**
 * Puts a server together, starts it, observes it on the management listener and shuts it down. The
 * topmost package: of our own code only the servers use it. Start reading at {@link Service} and
 * {@link Launcher}.
 */
package dev.handlermodels.api.launch;
