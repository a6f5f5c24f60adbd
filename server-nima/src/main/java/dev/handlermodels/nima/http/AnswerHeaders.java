package dev.handlermodels.nima.http;

import dev.handlermodels.api.Json;
import dev.handlermodels.api.Problem;
import dev.handlermodels.api.SecurityHeaders;
import dev.handlermodels.api.work.EventStream;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.ServerResponseHeaders;
import java.util.Map;

/** Header fields of answers. Those with fixed values are encoded once, not for each request. */
final class AnswerHeaders {
  static final Header JSON = contentType(Json.CONTENT_TYPE);
  static final Header PROBLEM = contentType(Problem.CONTENT_TYPE);
  static final Header EVENT_STREAM = contentType(EventStream.CONTENT_TYPE);
  static final Header NO_STORE =
      HeaderValues.createCached(HeaderNames.CACHE_CONTROL, Json.CACHE_CONTROL);

  private static final Header POLICY =
      HeaderValues.createCached(SecurityHeaders.POLICY, SecurityHeaders.NOTHING);
  private static final Header[] FIXED =
      SecurityHeaders.FIXED.entrySet().stream()
          .map(field -> HeaderValues.createCached(field.getKey(), field.getValue()))
          .toArray(Header[]::new);

  private AnswerHeaders() {}

  private static Header contentType(String value) {
    return HeaderValues.createCached(HeaderNames.CONTENT_TYPE, value);
  }

  /** Adds what browsers are told with every answer. A page has set a policy of its own before. */
  static void secure(ServerResponseHeaders headers) {
    headers.setIfAbsent(POLICY);
    for (Header field : FIXED) {
      headers.set(field);
    }
  }

  static void set(ServerResponseHeaders headers, Map<String, String> fields) {
    fields.forEach((name, value) -> headers.set(HeaderValues.create(name, value)));
  }
}
