package dev.handlermodels.blocking.http;

import dev.handlermodels.api.SecurityHeaders;
import io.undertow.util.HeaderMap;
import io.undertow.util.HttpString;
import java.util.List;

/** The fields of {@link SecurityHeaders}, as Undertow wants to have their names. */
final class SecurityFields {
  private static final HttpString POLICY = new HttpString(SecurityHeaders.POLICY);

  private static final List<Field> FIXED =
      SecurityHeaders.FIXED.entrySet().stream()
          .map(field -> new Field(new HttpString(field.getKey()), field.getValue()))
          .toList();

  private record Field(HttpString name, String value) {}

  private SecurityFields() {}

  /** Adds them to an answer, whose handler may have set a policy of its own. */
  static void add(HeaderMap headers) {
    if (!headers.contains(POLICY)) {
      headers.put(POLICY, SecurityHeaders.NOTHING);
    }
    for (Field field : FIXED) {
      headers.put(field.name, field.value);
    }
  }
}
