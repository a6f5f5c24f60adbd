package dev.handlermodels.nima.http;

import dev.handlermodels.api.Limits;
import dev.handlermodels.api.ProblemException;
import dev.handlermodels.api.Problems;
import dev.handlermodels.api.wire.RequestHead;
import dev.handlermodels.api.wire.SmallLetters;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HttpPrologue;
import io.helidon.http.ServerRequestHeaders;
import io.helidon.webserver.http.ServerRequest;
import java.util.List;

/** Checks request heads that Helidon's parser let through. */
final class RequestHeads {
  private static final int COLON_SPACE_CR_LF = 4;

  private RequestHeads() {}

  /**
   * @throws ProblemException 400, 413, 414 or 431 where two parties could read the head as
   *     different requests, or where it is too large
   */
  static void check(ServerRequest request, boolean http2) {
    refuseAmbiguous(request, http2);
    refuseTooMuch(request.headers());
  }

  private static void refuseAmbiguous(ServerRequest request, boolean http2) {
    HttpPrologue head = request.prologue();
    ServerRequestHeaders headers = request.headers();
    String method = method(request, http2);
    if (method.isEmpty() || head.fragment().hasValue()) {
      throw Problems.notHttp();
    }
    List<String> hosts = headers.all(HeaderNames.HOST, List::of);
    List<String> lengths = headers.all(HeaderNames.CONTENT_LENGTH, List::of);
    List<String> codings = headers.all(HeaderNames.TRANSFER_ENCODING, List::of);
    String path = head.uriPath().rawPath();
    String query = head.query().rawValue();
    if (http2) {
      for (Header header : headers) {
        header.allValues().forEach(value -> RequestHead.checkHttp2Field(header.name(), value));
      }
      RequestHead.checkHttp2(method, path, query, hosts, lengths, codings);
    } else {
      RequestHead.check(method, head.rawProtocol(), path, query, hosts, lengths, codings);
    }
  }

  /** The method as its client wrote it; over HTTP/2 Helidon has made capitals of its letters. */
  static String method(ServerRequest request, boolean http2) {
    String read = request.prologue().method().text();
    return http2 ? read : SmallLetters.unmarked(read);
  }

  private static void refuseTooMuch(ServerRequestHeaders headers) {
    int bytes = 0;
    int fields = 0;
    for (Header header : headers) {
      int nameLength = header.name().length();
      if (nameLength == 0) {
        throw Problems.notHttp();
      }
      int count = header.valueCount();
      fields += count;
      bytes += count * (nameLength + COLON_SPACE_CR_LF);
      if (count == 1) { // the usual case, for which Helidon needs no list
        bytes += header.get().length();
      } else {
        for (String value : header.allValues()) {
          bytes += value.length();
        }
      }
    }
    RequestHead.checkSize(bytes, fields);
    if (headers.contentLength().orElse(0) > Limits.BODY_BYTES) {
      throw Problems.bodyTooLarge();
    }
  }

  /** Whether the client sends a body only after 100 (Continue). HTTP/1.1 only. */
  static boolean isBodyHeldBack(ServerRequestHeaders headers) {
    return headers.contains(HeaderNames.EXPECT)
        && (headers.contains(HeaderNames.TRANSFER_ENCODING)
            || headers.contentLength().orElse(0) > 0);
  }
}
