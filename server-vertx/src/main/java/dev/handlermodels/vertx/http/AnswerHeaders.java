package dev.handlermodels.vertx.http;

import dev.handlermodels.api.Json;
import dev.handlermodels.api.Problem;
import dev.handlermodels.api.SecurityHeaders;
import dev.handlermodels.api.work.EventStream;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.util.List;
import java.util.Map;

/** Header fields of answers. Those with fixed values are encoded once, not for each request. */
final class AnswerHeaders {
  static final CharSequence JSON = HttpHeaders.createOptimized(Json.CONTENT_TYPE);
  static final CharSequence PROBLEM = HttpHeaders.createOptimized(Problem.CONTENT_TYPE);
  static final CharSequence EVENT_STREAM = HttpHeaders.createOptimized(EventStream.CONTENT_TYPE);

  private static final CharSequence NO_STORE = HttpHeaders.createOptimized(Json.CACHE_CONTROL);
  private static final CharSequence POLICY = HttpHeaders.createOptimized(SecurityHeaders.POLICY);
  private static final CharSequence NOTHING = HttpHeaders.createOptimized(SecurityHeaders.NOTHING);
  private static final List<Map.Entry<CharSequence, CharSequence>> FIXED =
      SecurityHeaders.FIXED.entrySet().stream()
          .map(
              field ->
                  Map.entry(
                      HttpHeaders.createOptimized(field.getKey()),
                      HttpHeaders.createOptimized(field.getValue())))
          .toList();

  private AnswerHeaders() {}

  /** Adds what browsers are told with every answer. A page has set a policy of its own before. */
  static void secure(MultiMap headers) {
    if (!headers.contains(POLICY)) {
      headers.set(POLICY, NOTHING);
    }
    for (Map.Entry<CharSequence, CharSequence> field : FIXED) {
      headers.set(field.getKey(), field.getValue());
    }
  }

  /** No cache may keep the answer. */
  static void noStore(MultiMap headers) {
    headers.set(HttpHeaders.CACHE_CONTROL, NO_STORE);
  }
}
