/**
 * Puts a server together, starts it, observes it on the management listener and shuts it down. Only
 * the servers and {@code upstream} use it. Start reading at {@link Service} and {@link Launcher}.
 */
package dev.handlermodels.api.launch;
