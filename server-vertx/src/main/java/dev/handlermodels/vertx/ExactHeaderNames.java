package dev.handlermodels.vertx;

import io.netty.channel.ChannelPipeline;
import io.netty.util.AsciiString;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerConfig;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.impl.http1.VertxHttpRequestDecoder;
import io.vertx.core.net.impl.VertxConnection;

/**
 * Reads header names as they came. Vert.x 5.2.0 compares the best-known ones by part of their
 * letters only, and takes {@code Content-Xength} for Content-Length (CVE-2026-102479): behind a
 * proxy that reads it as any other header, the next request on the connection would be swallowed as
 * a body. It goes when a Vert.x that compares whole names resolves; the test stays. Vert.x offers
 * no public way to the decoder, so this rests on internals of the pinned version.
 */
final class ExactHeaderNames extends VertxHttpRequestDecoder {
  private static final String DECODER = "httpDecoder";

  private ExactHeaderNames(HttpServerOptions options) {
    super(new HttpServerConfig(options).getHttp1Config());
  }

  /** To be called before anything is read from the connection. */
  static void use(HttpConnection connection, HttpServerOptions options) {
    ChannelPipeline pipeline = ((VertxConnection) connection).channel().pipeline();
    pipeline.replace(DECODER, DECODER, new ExactHeaderNames(options));
  }

  @Override
  protected AsciiString splitHeaderName(byte[] bytes, int start, int length) {
    AsciiString known = super.splitHeaderName(bytes, start, length);
    AsciiString name = new AsciiString(bytes, start, length, false); // a view
    return known.contentEqualsIgnoreCase(name)
        ? known
        : new AsciiString(bytes, start, length, true);
  }
}
