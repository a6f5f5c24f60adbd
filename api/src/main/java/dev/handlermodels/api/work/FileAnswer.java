package dev.handlermodels.api.work;

import java.util.Map;

/**
 * What a request for a file of a page is answered with.
 *
 * @param body empty where the client has it already
 */
public record FileAnswer(
    int status, String contentType, Map<String, String> headers, byte[] body) {}
