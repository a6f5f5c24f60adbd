package dev.handlermodels.vertx.wire;

import dev.handlermodels.api.Limits;
import dev.handlermodels.api.launch.Service;
import dev.handlermodels.api.wire.ConnectionReaper;
import dev.handlermodels.api.wire.Http2Frames;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.vertx.core.Handler;
import io.vertx.core.http.Http2ServerConfig;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.QueryParamDecoderConfig;
import io.vertx.core.http.impl.HttpServerConnection;
import io.vertx.core.http.impl.HttpServerRequestImpl;
import io.vertx.core.http.impl.http2.Http2ServerConnection;
import io.vertx.core.http.impl.http2.codec.Http2CodecServerChannelInitializer;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.http.QueryParamDecoder;
import io.vertx.core.net.impl.ConnectionBase;
import java.nio.ByteBuffer;
import java.time.Duration;

/**
 * HTTP/2 with prior knowledge: sees what a client sends first, gives a connection that begins with
 * the preface to Vert.x's HTTP/2, and tells {@link Http2Frames} what passes from then on. Vert.x
 * could tell the two apart by itself, but shows nobody the connection until then, nor the first
 * head of HTTP/1.1 before its own decoder has read it, and it follows an Upgrade. So this rests, as
 * {@link StrictHeadDecoder} does, on internals of the pinned version.
 */
public final class Http2 extends ChannelDuplexHandler {
  private static final QueryParamDecoder QUERIES =
      new QueryParamDecoder(new QueryParamDecoderConfig());

  private final Service service;
  private final ContextInternal context;
  private final Handler<HttpServerRequest> requests;
  private final ConnectionReaper.Peer peer;

  /** What has come of a preface; null where nothing is kept. */
  private ByteBuf first;

  /** Null until the connection speaks HTTP/2. */
  private Http2Frames frames;

  private boolean failed;

  private Http2(
      Service service,
      ContextInternal context,
      Handler<HttpServerRequest> requests,
      ConnectionReaper.Peer peer) {
    this.service = service;
    this.context = context;
    this.requests = requests;
    this.peer = peer;
  }

  /**
   * To be called before anything is read from the connection, and after {@link
   * StrictHeadDecoder#use}.
   */
  public static void offer(
      HttpConnection connection, Service service, Handler<HttpServerRequest> requests) {
    ConnectionBase http1 = (ConnectionBase) connection;
    http1
        .channel()
        .pipeline()
        .addFirst(
            new Http2(service, http1.context(), requests, StrictHeadDecoder.of(connection).peer()));
  }

  /** Ends a connection whose client does not take its answers. */
  public static void end(HttpConnection connection) {
    ((ConnectionBase) connection)
        .channel()
        .pipeline()
        .fireExceptionCaught(failure(Http2Error.ENHANCE_YOUR_CALM));
  }

  /** Makes Vert.x say GOAWAY and close. */
  private static Http2Exception failure(Http2Error error) {
    return Http2Exception.connectionError(
        error, "the client makes too much work, or breaks the protocol");
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
    ByteBuf in = (ByteBuf) message;
    if (frames == null) {
      in = first == null ? in : Unpooled.wrappedBuffer(first, in);
      first = null;
      switch (Http2Frames.begins(in.nioBuffer())) {
        case HTTP1 -> ctx.pipeline().remove(this);
        case HTTP2 -> begin(ctx.pipeline());
        case UNKNOWN -> {
          peer.headBegins();
          first = in;
          return;
        }
      }
    }
    if (frames == null || !failed && frames.received(in.nioBuffer())) {
      ctx.fireChannelRead(in);
      return;
    }
    in.release();
    if (!failed) {
      failed = true;
      ctx.fireExceptionCaught(failure(Http2Error.valueOf(frames.error())));
    }
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    if (frames != null) {
      for (ByteBuffer part : ((ByteBuf) message).nioBuffers()) {
        frames.sent(part);
      }
    }
    ctx.write(message, promise);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    if (first != null) {
      first.release();
      first = null;
    }
  }

  /** As Vert.x does itself, after what it has prepared for HTTP/1.1 is gone. */
  private void begin(ChannelPipeline pipeline) {
    frames = service.http2Frames(peer);
    pipeline.remove(StrictHeadDecoder.DECODER);
    pipeline.remove("httpEncoder");
    new Http2CodecServerChannelInitializer(
            null, // only for an Upgrade
            null,
            null,
            null,
            false,
            false,
            config(),
            null,
            context::duplicate,
            this::accept,
            null,
            false)
        .configureHttp2(context, pipeline, false);
  }

  private static Http2ServerConfig config() {
    return new Http2ServerConfig()
        .setInitialSettings(
            new Http2Settings()
                .setPushEnabled(false)
                .setMaxConcurrentStreams(Limits.HTTP2_STREAMS)
                .setInitialWindowSize(Limits.HTTP2_WINDOW_BYTES)
                .setMaxFrameSize(Limits.HTTP2_FRAME_BYTES)
                .setMaxHeaderListSize(Limits.HTTP2_HEADER_LIST_BYTES))
        .setMaxSmallContinuationFrames(Limits.HTTP2_FRAMES_OF_HEAD)
        .setRstFloodMaxRstFramePerWindow(Limits.HTTP2_RESETS)
        .setRstFloodWindowDuration(Duration.ofMillis(Limits.HTTP2_PERIOD_MS));
  }

  private void accept(HttpServerConnection connection) {
    connection.exceptionHandler(_ -> {}); // as for HTTP/1.1, see Server
    ((Http2ServerConnection) connection)
        .streamHandler(
            stream ->
                new HttpServerRequestImpl(
                        requests,
                        stream,
                        stream.context(),
                        false, // see Exchange
                        HttpServerOptions.DEFAULT_MAX_FORM_ATTRIBUTE_SIZE,
                        HttpServerOptions.DEFAULT_MAX_FORM_FIELDS,
                        HttpServerOptions.DEFAULT_MAX_FORM_BUFFERED_SIZE,
                        QUERIES,
                        "") // the origin of absolute URIs, for which nobody asks
                    .init());
  }
}
