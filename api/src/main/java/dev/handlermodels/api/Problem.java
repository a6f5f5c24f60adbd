package dev.handlermodels.api;

import com.fasterxml.jackson.annotation.JsonInclude;

/**
 * An error as RFC 9457 {@code application/problem+json}.
 *
 * @param type a URN that a client can switch on, listed in openapi.yaml
 * @param title the same for every problem of a type
 * @param status the HTTP status
 * @param detail what was wrong this time
 * @param parameter the parameter that was refused, where there is one
 * @param accepts what that parameter accepts
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Problem(
    String type, String title, int status, String detail, String parameter, String accepts) {

  public static final String CONTENT_TYPE = "application/problem+json";

  static Problem of(String name, int status, String title, String detail) {
    return new Problem("urn:handler-models:problem:" + name, title, status, detail, null, null);
  }
}
