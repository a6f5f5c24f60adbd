package dev.handlermodels.vertx.http;

import dev.handlermodels.api.Limits;
import dev.handlermodels.api.ProblemException;
import dev.handlermodels.api.Problems;
import dev.handlermodels.api.wire.Bodies;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.function.Consumer;

/**
 * Reads one body as it is, within REQUEST_TIMEOUT_MS. Vert.x's own way would decode a form, refuse
 * one with a long field, and keep nothing of its bytes.
 */
final class BodyReader {
  private final Exchange exchange;
  private final HttpServerRequest request;
  private final Vertx vertx;
  private final int timeoutMs;
  private Buffer parts = Buffer.buffer();

  BodyReader(Exchange exchange, HttpServerRequest request, Vertx vertx, int timeoutMs) {
    this.exchange = exchange;
    this.request = request;
    this.vertx = vertx;
    this.timeoutMs = timeoutMs;
  }

  /**
   * Returns at once; the loop reads on while others are served.
   *
   * @param whole told the body when it has come; not called when the request fails before
   * @throws ProblemException 415 or 417
   */
  void read(Consumer<byte[]> whole) {
    long deadline = vertx.setTimer(timeoutMs, _ -> isLate());
    exchange.atEnd(() -> vertx.cancelTimer(deadline));
    String expect = request.getHeader(HttpHeaders.EXPECT);
    Bodies.check(expect, request.getHeader(HttpHeaders.CONTENT_ENCODING));
    boolean isEmpty = "0".equals(request.getHeader(HttpHeaders.CONTENT_LENGTH));
    if (expect != null && !isEmpty && request.version() != HttpVersion.HTTP_1_0) {
      request.response().writeContinue();
    }
    request
        .handler(this::append)
        .exceptionHandler(exchange::failBody)
        .endHandler(
            _ -> {
              vertx.cancelTimer(deadline); // the handler may take longer
              ended(whole);
            });
  }

  private void isLate() {
    if (!request.isEnded()) {
      request.resume();
    }
    exchange.fail(Problems.bodyTimeout(timeoutMs));
  }

  private void append(Buffer part) {
    if (exchange.hasFailed()) {
      return; // the client goes on after its refusal
    }
    if (parts.length() + part.length() > Limits.BODY_BYTES) {
      exchange.fail(Problems.bodyTooLarge());
    } else {
      keep(part);
    }
  }

  private void keep(Buffer part) {
    try {
      exchange.keepsBody(part.length());
      parts.appendBuffer(part);
    } catch (ProblemException e) {
      exchange.fail(e);
    }
  }

  private void ended(Consumer<byte[]> whole) {
    if (!exchange.hasFailed()) {
      byte[] body = parts.getBytes();
      parts = null; // the copy is enough
      whole.accept(body);
    }
  }
}
