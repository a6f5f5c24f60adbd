package dev.handlermodels.vertx;

import dev.handlermodels.api.Limits;
import dev.handlermodels.api.wire.Bodies;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;

/**
 * Reads a body as it is. Vert.x's own handler would decode a form, refuse one with a long field,
 * and keep nothing of its bytes.
 */
final class BodyReader implements Handler<RoutingContext> {
  private static final String BODY = "body";

  /** What has been read. */
  static Buffer body(RoutingContext ctx) {
    return ctx.get(BODY);
  }

  @Override
  public void handle(RoutingContext ctx) {
    HttpServerRequest request = ctx.request();
    String expect = request.getHeader(HttpHeaders.EXPECT);
    Bodies.check(expect, request.getHeader(HttpHeaders.CONTENT_ENCODING));
    if (expect != null && request.version() != HttpVersion.HTTP_1_0) {
      ctx.response().writeContinue();
    }
    Buffer body = Buffer.buffer();
    request
        .handler(part -> append(ctx, body, part))
        .exceptionHandler(ctx::fail)
        .endHandler(_ -> ended(ctx, body));
  }

  private static void append(RoutingContext ctx, Buffer body, Buffer part) {
    if (ctx.failed()) {
      return; // refused, but its client goes on
    }
    if (body.length() + part.length() > Limits.BODY_BYTES) {
      ctx.fail(413);
    } else {
      body.appendBuffer(part);
    }
  }

  private static void ended(RoutingContext ctx, Buffer body) {
    if (!ctx.failed()) {
      ctx.put(BODY, body).next();
    }
  }
}
