package dev.handlermodels.vertx;

import dev.handlermodels.api.ProblemException;
import dev.handlermodels.api.Problems;
import dev.handlermodels.api.RequestHead;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.AsciiString;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerConfig;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.impl.http1.VertxHttpRequestDecoder;
import io.vertx.core.net.impl.VertxConnection;
import java.util.List;

/**
 * Reads the heads of requests as they came, and refuses those that could be read in two ways before
 * anything behind them is read. Vert.x offers no public way to its decoder, so this rests on
 * internals of the pinned version.
 */
final class ExactHeads extends VertxHttpRequestDecoder {
  private static final String DECODER = "httpDecoder";

  private enum Awaited {
    HEAD,
    REST_OF_HEAD,
    BODY
  }

  private Awaited awaited = Awaited.HEAD;

  private ExactHeads(HttpServerOptions options) {
    super(new HttpServerConfig(options).getHttp1Config());
  }

  /** To be called before anything is read from the connection. */
  static void use(HttpConnection connection, HttpServerOptions options) {
    ChannelPipeline pipeline = ((VertxConnection) connection).channel().pipeline();
    pipeline.replace(DECODER, DECODER, new ExactHeads(options));
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
    if (awaited == Awaited.HEAD) {
      beginHead(in);
    }
    int before = out.size();
    super.decode(ctx, in, out);
    if (awaited == Awaited.BODY
        && out.size() > before
        && out.getLast() instanceof LastHttpContent end) {
      awaited = Awaited.HEAD;
      if (end.decoderResult().isFailure()) {
        end.setDecoderResult(DecoderResult.failure(Problems.notHttp())); // whatever it was
        // Not before a 400 has left, but also where nobody reads the body.
        ctx.executor().execute(ctx::close);
      }
    }
  }

  /**
   * Netty skips whatever is no letter before a request. RFC 9112, 2.2 means empty lines.
   *
   * @throws DecoderException which closes the connection
   */
  private void beginHead(ByteBuf in) {
    int first = in.forEachByte(b -> b == '\r' || b == '\n');
    if (first >= 0) {
      if (in.getByte(first) <= ' ') {
        throw new DecoderException("a request begins with a method");
      }
      awaited = Awaited.REST_OF_HEAD;
    }
  }

  /**
   * Vert.x 5.2.0 compares the best-known names by part of their letters only, and takes {@code
   * Content-Xength} for Content-Length (CVE-2026-102479): behind a proxy that reads it as any other
   * header, the next request on the connection would be swallowed as a body. This method goes when
   * a Vert.x that compares whole names resolves; the test stays.
   */
  @Override
  protected AsciiString splitHeaderName(byte[] bytes, int start, int length) {
    if (length == 0) {
      throw Problems.notHttp(); // a field without a name
    }
    AsciiString known = super.splitHeaderName(bytes, start, length);
    AsciiString exact = new AsciiString(bytes, start, length, true);
    return known.contentEqualsIgnoreCase(exact) ? known : exact;
  }

  /**
   * Called once for each head, when it is whole.
   *
   * @throws ProblemException which makes the decoder drop all that follows on the connection
   */
  @Override
  protected boolean isContentAlwaysEmpty(HttpMessage message) {
    if (message == null) {
      return super.isContentAlwaysEmpty(null); // as Vert.x does, which expects it
    }
    awaited = Awaited.BODY;
    HttpHeaders headers = message.headers();
    RequestHead.check(
        exact(message.protocolVersion()),
        ((HttpRequest) message).uri(),
        "",
        headers.getAll(HttpHeaderNames.HOST),
        headers.getAll(HttpHeaderNames.CONTENT_LENGTH),
        headers.getAll(HttpHeaderNames.TRANSFER_ENCODING));
    return super.isContentAlwaysEmpty(message);
  }

  /** Netty makes a new one of all that is not written like these two, and would mend its text. */
  private static String exact(HttpVersion version) {
    return version == HttpVersion.HTTP_1_1 || version == HttpVersion.HTTP_1_0 ? version.text() : "";
  }
}
