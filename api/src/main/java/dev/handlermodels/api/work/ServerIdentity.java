package dev.handlermodels.api.work;

import dev.handlermodels.api.telemetry.ThreadCensus;
import tools.jackson.core.SerializableString;

/**
 * What every result of one server says of it.
 *
 * @param server the short name, as {@code ./serve} takes it
 * @param model the handler model in words
 * @param census tells what kind of thread ran a handler
 * @param endpoints the list in {@code GET /}, written once: it never changes, and writing it for
 *     each request was a sixth of the work
 */
public record ServerIdentity(
    String server, String model, ThreadCensus census, SerializableString endpoints) {}
