package dev.handlermodels.api.work;

import dev.handlermodels.api.RootTemplate;
import dev.handlermodels.api.telemetry.ThreadCensus;

/**
 * What every result of one server says of it.
 *
 * @param server the short name, as {@code ./serve} takes it
 * @param model the handler model in words
 * @param census tells what kind of thread ran a handler
 * @param root what {@code GET /} says
 */
public record ServerIdentity(String server, String model, ThreadCensus census, RootTemplate root) {}
