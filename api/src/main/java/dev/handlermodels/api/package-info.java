/**
 * What the three servers have in common, and no HTTP framework: endpoints and their parameters,
 * results, problems, settings, metrics, the census of threads, and the management listener. A
 * server module adds only where its code waits.
 */
package dev.handlermodels.api;
