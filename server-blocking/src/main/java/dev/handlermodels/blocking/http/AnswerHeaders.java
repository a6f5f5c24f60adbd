package dev.handlermodels.blocking.http;

import dev.handlermodels.api.SecurityHeaders;
import dev.handlermodels.api.wire.HttpDate;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.util.List;
import java.util.Map;

/** Header fields of answers. Names that are always the same are encoded once. */
final class AnswerHeaders {
  private static final HttpString POLICY = new HttpString(SecurityHeaders.POLICY);

  private static final List<Field> FIXED =
      SecurityHeaders.FIXED.entrySet().stream()
          .map(field -> new Field(new HttpString(field.getKey()), field.getValue()))
          .toList();

  private record Field(HttpString name, String value) {}

  private AnswerHeaders() {}

  /**
   * Adds the time. Undertow's own cache is static, and waits for a thread of one server to clear
   * it.
   */
  static void date(HeaderMap headers) {
    headers.put(Headers.DATE, HttpDate.now());
  }

  /** Adds what browsers are told with every answer. A page has set a policy of its own before. */
  static void secure(HeaderMap headers) {
    if (!headers.contains(POLICY)) {
      headers.put(POLICY, SecurityHeaders.NOTHING);
    }
    for (Field field : FIXED) {
      headers.put(field.name, field.value);
    }
  }

  static void set(HeaderMap headers, Map<String, String> fields) {
    fields.forEach((name, value) -> headers.put(new HttpString(name), value));
  }
}
