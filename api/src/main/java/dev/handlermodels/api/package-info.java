/**
 * The contract: endpoints, parameters, results, problems and limits, as clients see them. Every
 * other package may use it, and it uses none. Start reading at {@link Endpoint}, then {@link Query}
 * and {@link Results}.
 */
package dev.handlermodels.api;
