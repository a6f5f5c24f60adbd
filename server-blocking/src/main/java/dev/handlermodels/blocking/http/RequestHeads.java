package dev.handlermodels.blocking.http;

import dev.handlermodels.api.Limits;
import dev.handlermodels.api.ProblemException;
import dev.handlermodels.api.Problems;
import dev.handlermodels.api.wire.RequestHead;
import dev.handlermodels.api.wire.SmallLetters;
import dev.handlermodels.blocking.wire.Connection;
import dev.handlermodels.blocking.wire.StrictChunkConduit;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;

/** Checks request heads: their sizes here, and their meaning with {@link RequestHead}. */
final class RequestHeads {
  private static final int NO_ENTRY = -1;

  private RequestHeads() {}

  /**
   * Undertow would end the connection without an answer where a head is too long, and would read
   * one that could be read in two ways.
   *
   * @throws ProblemException 400, 413, 414 or 431
   */
  static void check(Exchange exchange) {
    checkSizes(exchange.undertow());
    if (exchange.isHttp2()) {
      checkHttp2(exchange);
    } else {
      checkHttp1(exchange);
    }
    if (exchange.undertow().getRequestContentLength() > Limits.BODY_BYTES) {
      throw Problems.bodyTooLarge();
    }
  }

  /** The method as its client wrote it. */
  static String method(HttpServerExchange undertow) {
    String read = undertow.getRequestMethod().toString();
    return Connection.isHttp2(undertow) ? read : SmallLetters.unmarked(read);
  }

  private static void checkSizes(HttpServerExchange undertow) {
    String query = undertow.getQueryString();
    int requestLineBytes =
        method(undertow).length()
            + undertow.getRequestURI().length()
            + query.length()
            + undertow.getProtocol().length()
            + (query.isEmpty() ? 2 : 3); // two spaces, and the question mark
    if (requestLineBytes > Limits.REQUEST_LINE_BYTES) {
      throw Problems.requestLineTooLong();
    }
    checkFields(undertow.getRequestHeaders());
  }

  private static void checkFields(HeaderMap headers) {
    int bytes = 0;
    int fields = 0;
    for (long i = headers.fastIterate(); i != NO_ENTRY; i = headers.fiNext(i)) {
      HeaderValues values = headers.fiCurrent(i);
      int nameBytes = values.getHeaderName().length();
      for (int k = 0; k < values.size(); k++) {
        fields++;
        bytes += nameBytes + values.get(k).length() + 4; // colon, space, CR, LF
      }
    }
    RequestHead.checkSize(bytes, fields);
  }

  private static void checkHttp1(Exchange exchange) {
    HttpServerExchange undertow = exchange.undertow();
    HeaderMap headers = undertow.getRequestHeaders();
    RequestHead.check(
        method(undertow),
        undertow.getProtocol().toString(),
        exchange.path(),
        exchange.query(),
        headers.get(Headers.HOST),
        headers.get(Headers.CONTENT_LENGTH),
        headers.get(Headers.TRANSFER_ENCODING));
    StrictChunkConduit.use(undertow);
    if (RequestHead.hasOption(headers.get(Headers.CONNECTION), "close")) {
      undertow.setPersistent(false); // Undertow looks at a field as a whole
    }
  }

  private static void checkHttp2(Exchange exchange) {
    HttpServerExchange undertow = exchange.undertow();
    HeaderMap headers = undertow.getRequestHeaders();
    for (HeaderValues values : headers) {
      String name = values.getHeaderName().toString();
      values.forEach(value -> RequestHead.checkHttp2Field(name, value));
    }
    RequestHead.checkHttp2(
        method(undertow),
        exchange.path(),
        exchange.query(),
        headers.get(Headers.HOST),
        headers.get(Headers.CONTENT_LENGTH),
        headers.get(Headers.TRANSFER_ENCODING));
  }
}
