/**
 * Which requests are let in, and what a request is from its first line to its end: limits in
 * flight, rate limits, queue delay, memory for bodies, cancellation, and the mapping of failures to
 * problems. Start reading at {@link Traffic}.
 */
package dev.handlermodels.api.admission;
