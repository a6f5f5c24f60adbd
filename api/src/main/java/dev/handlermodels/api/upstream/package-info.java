/**
 * What stands between a handler and its upstream: the circuit breaker, the retry budget, and what
 * became of a call. It makes no calls itself. Start reading at {@link UpstreamGuard}.
 */
package dev.handlermodels.api.upstream;
