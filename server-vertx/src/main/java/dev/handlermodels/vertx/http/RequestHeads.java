package dev.handlermodels.vertx.http;

import dev.handlermodels.api.Limits;
import dev.handlermodels.api.ProblemException;
import dev.handlermodels.api.Problems;
import dev.handlermodels.api.wire.RequestHead;
import dev.handlermodels.vertx.wire.StrictHeadDecoder;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.internal.http.HttpServerRequestInternal;
import java.util.List;
import java.util.Map;

/** Refuses heads that are too long, or that could be read in two ways. */
final class RequestHeads {
  private RequestHeads() {}

  /**
   * What has to be true before a request is counted. Over HTTP/2 Vert.x accepts a port that is not
   * a number; {@link StrictHeadDecoder} has checked it over HTTP/1.1.
   *
   * @throws ProblemException 400 where the request names no path, or no valid host
   */
  static void checkAddress(HttpServerRequest request) {
    boolean isAddressed =
        request.path() != null
            && !request.path().isEmpty()
            && (request.version() != HttpVersion.HTTP_2
                || ((HttpServerRequestInternal) request).isValidAuthority());
    if (!isAddressed) {
      throw Problems.notHttp();
    }
  }

  /**
   * @throws ProblemException 400, 413, 414 or 431
   */
  static void check(HttpServerRequest request, boolean http2) {
    if (http2) {
      checkHttp2(request);
    }
    String length = request.headers().get(HttpHeaders.CONTENT_LENGTH);
    if (length != null && Long.parseLong(length) > Limits.BODY_BYTES) {
      throw Problems.bodyTooLarge();
    }
  }

  /** {@link StrictHeadDecoder} does the same for HTTP/1.1. */
  private static void checkHttp2(HttpServerRequest request) {
    MultiMap headers = request.headers();
    int bytes = 0;
    for (Map.Entry<String, String> header : headers) {
      bytes += header.getKey().length() + header.getValue().length() + 4; // colon, space, CR, LF
    }
    RequestHead.checkSize(bytes, headers.size());
    RequestHead.checkHttp2(
        request.method().name(),
        request.uri(),
        "",
        request.authority() == null ? List.of() : List.of(request.authority().toString()),
        headers.getAll(HttpHeaders.CONTENT_LENGTH),
        headers.getAll(HttpHeaders.TRANSFER_ENCODING));
  }
}
