/**
 * The slow service that the servers call, and the one blocking client of it. The servers use it.
 * Start reading at {@link UpstreamCalls}, then {@link BlockingClient}, where a thread waits.
 */
package dev.handlermodels.upstream;
