package dev.handlermodels.vertx.http;

import dev.handlermodels.api.wire.HttpDate;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;

/**
 * The header field Date of one event loop's answers. A timer writes it each second, as asking for
 * the time and writing it would cost each answer more than all its other fields.
 */
final class DateField {
  private static final int SECOND_MS = 1000;

  private CharSequence value;

  /** To be called on the event loop. */
  DateField(Vertx vertx) {
    refresh();
    vertx.setPeriodic(SECOND_MS, _ -> refresh());
  }

  private void refresh() {
    value = HttpHeaders.createOptimized(HttpDate.now());
  }

  void addTo(MultiMap headers) {
    headers.set(HttpHeaders.DATE, value);
  }
}
